import type { AddressRange } from '../platform/address-ranges.js';
import { createRemovalSweep } from '../platform/blob-removals.js';
import type { BlobContainer } from '../platform/blob.js';
import { createCaptionsJobs } from '../platform/captions/captions-jobs.js';
import { createDeadLetters } from '../platform/dead-letters.js';
import { createDeletions, type Deletions } from '../platform/deletions.js';
import { createGenerations } from '../platform/generations.js';
import { createIntake } from '../platform/intake.js';
import { createJobQueue } from '../platform/job-queue.js';
import type { Broker } from '../platform/kafka/broker.js';
import type { Publisher } from '../platform/kafka/publisher.js';
import type { KeyRing } from '../platform/key-ring.js';
import type { Logger } from '../platform/logger.js';
import type { Database } from '../platform/mongo.js';
import { masterUrl, playbackTerms, playbackUrls, playedGeneration } from '../platform/playback-urls.js';
import { publicAddresses } from '../platform/public-address.js';
import { createWorkForecast } from '../platform/queued-work.js';
import type { Tokens } from '../platform/tokens.js';
import type { Sweep } from '../platform/sweeps.js';
import { createPurgeSweep } from '../platform/purges.js';
import { createWithdrawalSweep } from '../platform/withdrawals.js';
import { createSpeedStore } from '../platform/work-speed.js';
import { createAdminServices } from './admin/admin-services.js';
import { createPlacedActs } from './admin/placed-acts.js';
import { ApiKeyResolver } from './api-keys/api-key-resolver.js';
import { createApiKeyStore } from './api-keys/api-key-store.js';
import { CaptionsResolver } from './captions/captions-resolver.js';
import { createCaptionsService } from './captions/captions-service.js';
import { createCaptionsStore } from './captions/captions-store.js';
import { createContextFactory } from './context.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { Resolvers } from './graphql-schema.js';
import { ImportResolver } from './imports/import-resolver.js';
import { createImportService } from './imports/import-service.js';
import { createOidcServices, type OutsideSignInDeps } from './identity/oidc-services.js';
import { createIdentity, createIdentityResolver } from './identity/identity-services.js';
import type { Mailer } from './identity/mailer.js';
import type { SignUpPolicy } from './identity/sign-up-service.js';
import { createOrganizationServices } from './organizations/organization-services.js';
import { createOrganizationStore } from './organizations/organization-store.js';
import { createUserLookup } from './organizations/user-lookup.js';
import { createLimitServices } from './limits/limit-services.js';
import type { RequestRates } from './limits/request-limits.js';
import { createProgressHealer } from './progress/progress-healer.js';
import { createProgressHub } from './progress/progress-hub.js';
import { createProgressReader } from './progress/progress-reader.js';
import { ProgressResolver } from './progress/progress-resolver.js';
import { createProgressSubscriptions } from './progress/progress-subscriptions.js';
import { createQueuePositions } from './progress/queue-positions.js';
import { ProjectResolver } from './projects/project-resolver.js';
import { createProjectStore } from './projects/project-store.js';
import { ViewerResolver } from './projects/viewer-resolver.js';
import { createRetentionSweep } from './retention/retention-sweep.js';
import { createDayClosing } from './playback-log/day-closing.js';
import {
  PlaybackDayResolver,
  ProjectPlaybackResolver,
  VideoPlaybackResolver,
} from './playback-log/playback-resolvers.js';
import { createPlaybackStatsStore } from './playback-log/playback-stats-store.js';
import { createViewerRemoval } from './playback-log/viewer-removal.js';
import { createAbandonedSweep } from './uploads/abandoned-uploads.js';
import { RevocationResolver } from './revocations/revocation-resolver.js';
import { createRevocationService } from './revocations/revocation-service.js';
import { createRevocationStore, type RevocationStore } from './revocations/revocation-store.js';
import { createUploadLog } from './uploads/upload-log.js';
import { UploadLogResolver } from './uploads/upload-log-resolver.js';
import type { SessionSweep } from './uploads/tus/session-sweep.js';
import { createUploadSessions } from './uploads/session-services.js';
import { createUploadProgress } from './uploads/upload-progress.js';
import { UploadResolver } from './uploads/upload-resolver.js';
import { createUploadService } from './uploads/upload-service.js';
import { createUploadStore } from './uploads/upload-store.js';
import { DeleteResolver } from './videos/delete-resolver.js';
import { createDeleteService, type DeleteService } from './videos/delete-service.js';
import { ReprocessResolver } from './videos/reprocess-resolver.js';
import { createReprocessService } from './videos/reprocess-service.js';
import { type SignPlayback, VideoFieldsResolver } from './videos/video-fields-resolver.js';
import { VideoResolver } from './videos/video-resolver.js';
import { createStopService } from './videos/stop-service.js';
import { createVideoStore } from './videos/video-store.js';

/** The gateway's connections and rules. */
export interface ServiceDeps {
  db: Database;
  /** Sources. */
  blobs: BlobContainer;
  /** What is played. */
  hls: BlobContainer;
  broker: Pick<Broker, 'lag'>;
  publisher: Publisher;
  tokens: Tokens;
  keyRing: KeyRing;
  mailer: Mailer;
  signUp: SignUpPolicy;
  publicGatewayUrl: string;
  publicStreamUrl: string;
  /** As people reach the application that links lead to. */
  publicAppUrl: string;
  maxUploadBytes: number;
  /** How long a deleted video can be restored, milliseconds; not at all where absent. */
  deleteGraceMs?: number;
  /** A sender that pauses for longer has gone away, milliseconds. */
  uploadIdleMs?: number;
  /** Networks that sources may be imported from beside public addresses. */
  importNetworks?: readonly AddressRange[];
  /** Of uploads in several requests; 4 MiB where absent. */
  uploadBlockBytes?: number;
  /** Absent where people sign in with passwords alone. */
  oidc?: OutsideSignInDeps['settings'];
  /** Those that are not the usual ones. */
  requestRates?: Partial<RequestRates>;
  log: Logger;
  counts: GatewayMetrics;
}

const SWEEP_MS = 1_000;
const UPLOAD_SWEEP_MS = 60_000;
const LOG_SWEEP_MS = 60_000;

export type Services = ReturnType<typeof createServices>;

/** Everything behind the resolvers, wired. */
export function createServices(deps: ServiceDeps) {
  const { db, counts, log } = deps;
  const organizations = createOrganizationStore({ db });
  const projects = createProjectStore({ db });
  const videos = createVideoStore({ db });
  const jobQueue = createJobQueue(deps);
  const forecast = createWorkForecast({ db, speed: createSpeedStore({ db }) });
  const deadLetters = createDeadLetters(deps);
  const generations = createGenerations({ ...deps, queue: jobQueue });

  const admin = createAdminServices({ ...deps, organizations, queue: jobQueue, generations });
  const { audit } = admin;
  const limits = createLimitServices({ ...deps, audit });
  const intake = createIntake({ ...deps, quota: limits.uploadQuota, queue: jobQueue });
  const uploads = createUploadStore({ db });
  const uploadProgress = createUploadProgress(deps);
  const counted = {
    onBytes: (bytes: number) => counts.uploadBytes(bytes),
    onEnd: (outcome: string) => counts.uploadEnd(outcome),
  };
  const uploadService = createUploadService({
    ...{ ...deps, ...counted, intake, uploads, progress: uploadProgress },
    maxBytes: deps.maxUploadBytes,
    idleMs: deps.uploadIdleMs,
  });
  const sessions = createUploadSessions({
    ...{ ...deps, ...counted, intake, generations, projects, videos },
    ...{ progress: uploadProgress, quota: limits.uploadQuota },
  });
  const cancelUpload = (videoId: string): void => {
    uploadService.cancel(videoId);
    void sessions.end(videoId);
  };

  const importService = createImportService({
    ...{ intake, queue: jobQueue },
    isAllowed: publicAddresses(deps.importNetworks),
  });
  const captions = createCaptionsService({
    ...{ ...deps, videos, jobQueue },
    store: createCaptionsStore({ db, jobs: createCaptionsJobs({ db, queue: jobQueue }) }),
  });

  const hub = createProgressHub();
  const reader = createProgressReader({ db });
  const { subscriptionQuota } = limits;
  const progress = createProgressSubscriptions({ hub, reader, videos, projects, quota: subscriptionQuota });

  const stats = createPlaybackStatsStore({ db });
  const acts = createPlacedActs({ audit });
  const ends = { generations, hub, uploads: { cancel: cancelUpload }, acts };
  const stops = createStopService({ db, videos, ...ends });
  const queue = jobQueue;
  const reprocessing = createReprocessService({ ...deps, videos, generations, queue, acts });
  const deletions = createDeletions({ db, generations });
  const graceMs = deps.deleteGraceMs ?? 0;
  const deletes = createDeleteService({ ...deps, ...ends, videos, deletions, graceMs });
  const revocations = createRevocationStore(deps);
  const revoking = createRevocationService({ ...deps, store: revocations, videos, projects, acts });
  const identity = createIdentity(deps);
  const people = createOrganizationServices({ ...deps, organizations, audit, acts, tokens: identity.links });
  const { members, invitations } = people;
  const oidc = createOidcServices({
    ...{ db, audit },
    outside: deps.oidc && {
      ...{ settings: deps.oidc, publicGatewayUrl: deps.publicGatewayUrl, publicAppUrl: deps.publicAppUrl },
      ...{ users: identity.users, sessions: identity.sessions, tokens: identity.links },
      ...{ organizations, members, isSignUpOpen: deps.signUp === 'open' },
    },
  });

  const resolvers: Resolvers = {
    ...admin.resolvers,
    ...people.resolvers,
    viewer: new ViewerResolver({ projects, members }),
    project: new ProjectResolver({ projects, organizations, acts }),
    apiKey: new ApiKeyResolver({ keys: createApiKeyStore({ db }), projects, acts }),
    video: new VideoResolver({ videos, projects, stops }),
    videoFields: new VideoFieldsResolver({
      signPlayback: signPlayback(deps),
      publicUrl: (videoId) => masterUrl(deps.publicStreamUrl, videoId),
    }),
    videoPlayback: new VideoPlaybackResolver({ stats }),
    projectPlayback: new ProjectPlaybackResolver({ stats }),
    playbackDay: new PlaybackDayResolver(),
    reprocess: new ReprocessResolver({ videos, projects, service: reprocessing, acts }),
    delete: new DeleteResolver({ service: deletes }),
    revocation: new RevocationResolver({ service: revoking }),
    captions: new CaptionsResolver({ service: captions }),
    upload: new UploadResolver({ projects, service: uploadService }),
    ticket: sessions.resolver,
    uploadLog: new UploadLogResolver({ projects, log: createUploadLog({ db }) }),
    import: new ImportResolver({ projects, service: importService }),
    limits: limits.resolver,
    progress: new ProgressResolver({ queuePositions: createQueuePositions({ jobQueue, forecast }) }),
    oidc: oidc.resolver,
    identity: createIdentityResolver({ ...deps, identity, organizations, members, invitations, audit }),
  };

  return {
    resolvers,
    hub,
    deadLetters,
    oidcRoutes: oidc.routes,
    users: identity.callers,
    signingKeys: identity.keys,
    adminRoutes: { source: admin.source, stops },
    reprocessRoute: { videos, reprocesses: reprocessing },
    uploadRoutes: { projects, service: uploadService, importer: importService },
    uploadService,
    uploadSessions: sessions,
    requestLimits: limits.requestLimits,
    revocations,
    sweeps: sweepsOf(deps, {
      ...{ deletions, deletes, sessions, revocations },
      abandoned: createAbandonedSweep({ uploads, service: uploadService, log }),
    }),
    healer: createProgressHealer({ hub, reader, log }),
    contextOf: createContextFactory({
      ...{ projects, organizations, users: createUserLookup({ db }), stats },
      ...{ progress, adminStats: admin.ticker, subscriptionQuota },
    }),
  };
}

/** What this process tidies up with all others. */
function sweepsOf(
  { db, hls, blobs: uploads, log }: ServiceDeps,
  {
    deletions,
    deletes,
    sessions,
    revocations,
    abandoned,
  }: {
    deletions: Deletions;
    deletes: DeleteService;
    sessions: { sweep: SessionSweep };
    revocations: RevocationStore;
    abandoned: Sweep['task'];
  },
) {
  const removals = createRemovalSweep({ db, containers: { hls, uploads }, log });
  const sweeps: Sweep[] = [
    { name: 'removals', intervalMs: SWEEP_MS, task: removals },
    { name: 'withdrawals', intervalMs: SWEEP_MS, task: createWithdrawalSweep({ db, hls }) },
    { name: 'purges', intervalMs: SWEEP_MS, task: createPurgeSweep({ db, deletions, log }) },
    { name: 'uploads', intervalMs: UPLOAD_SWEEP_MS, task: sessions.sweep },
    { name: 'abandoned-uploads', intervalMs: UPLOAD_SWEEP_MS, task: abandoned },
    { name: 'revocations', intervalMs: SWEEP_MS, task: () => revocations.sweep() },
    { name: 'playback-days', intervalMs: LOG_SWEEP_MS, task: createDayClosing({ db }) },
    { name: 'viewers', intervalMs: LOG_SWEEP_MS, task: createViewerRemoval({ db }) },
    { name: 'retention', intervalMs: SWEEP_MS, task: createRetentionSweep({ db, deletes, log }) },
  ];
  return sweeps;
}

const signPlayback =
  (deps: { tokens: Tokens; publicStreamUrl: string }): SignPlayback =>
  (video, project, grant) =>
    playbackUrls(deps, { ...playbackTerms(video, project), ...playedGeneration(video), ...grant });
