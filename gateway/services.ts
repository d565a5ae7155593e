import type { BlobContainer } from '../platform/blob.js';
import { createDeadLetters } from '../platform/dead-letters.js';
import { createGenerations } from '../platform/generations.js';
import { createIntake } from '../platform/intake.js';
import { createJobQueue } from '../platform/job-queue.js';
import type { Broker, Publisher } from '../platform/kafka.js';
import type { KeyRing } from '../platform/key-ring.js';
import type { Logger } from '../platform/logger.js';
import type { Database } from '../platform/mongo.js';
import { hasPoster, playbackUrls } from '../platform/playback-urls.js';
import { createWorkForecast } from '../platform/queued-work.js';
import type { Tokens } from '../platform/tokens.js';
import { createSpeedStore } from '../platform/work-speed.js';
import { createAdminServices } from './admin/admin-services.js';
import { createPlacedActs } from './admin/placed-acts.js';
import { ApiKeyResolver } from './api-keys/api-key-resolver.js';
import { createApiKeyStore } from './api-keys/api-key-store.js';
import { createContextFactory } from './context.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { Resolvers } from './graphql-schema.js';
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
import { createAbandonedUploads } from './uploads/abandoned-uploads.js';
import { createUploadLog } from './uploads/upload-log.js';
import { UploadLogResolver } from './uploads/upload-log-resolver.js';
import { createUploadSessions } from './uploads/session-services.js';
import { createUploadProgress } from './uploads/upload-progress.js';
import { UploadResolver } from './uploads/upload-resolver.js';
import { createUploadService } from './uploads/upload-service.js';
import { createUploadStore } from './uploads/upload-store.js';
import { type SignPlayback, VideoFieldsResolver } from './videos/video-fields-resolver.js';
import { VideoResolver } from './videos/video-resolver.js';
import { createStopService } from './videos/stop-service.js';
import { createVideoStore } from './videos/video-store.js';

/** The gateway's connections and rules. */
export interface ServiceDeps {
  db: Database;
  blobs: BlobContainer;
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
  /** A sender that pauses for longer has gone away, milliseconds. */
  uploadIdleMs?: number;
  /** Of uploads in several requests; 4 MiB where absent. */
  uploadBlockBytes?: number;
  /** Absent where people sign in with passwords alone. */
  oidc?: OutsideSignInDeps['settings'];
  /** Those that are not the usual ones. */
  requestRates?: Partial<RequestRates>;
  log: Logger;
  counts: GatewayMetrics;
}

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

  const hub = createProgressHub();
  const reader = createProgressReader({ db });
  const { subscriptionQuota } = limits;
  const progress = createProgressSubscriptions({ hub, reader, videos, projects, quota: subscriptionQuota });

  const acts = createPlacedActs({ audit });
  const stops = createStopService({ db, videos, generations, hub, uploads: { cancel: cancelUpload }, acts });
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
    videoFields: new VideoFieldsResolver({ signPlayback: signPlayback(deps) }),
    upload: new UploadResolver({ projects, service: uploadService }),
    ticket: sessions.resolver,
    uploadLog: new UploadLogResolver({ projects, log: createUploadLog({ db }) }),
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
    uploadService,
    uploadSessions: sessions,
    requestLimits: limits.requestLimits,
    healer: createProgressHealer({ hub, reader, log }),
    abandonedUploads: createAbandonedUploads({ uploads, service: uploadService, log }),
    contextOf: createContextFactory({
      ...{ projects, organizations, users: createUserLookup({ db }) },
      ...{ progress, adminStats: admin.ticker, subscriptionQuota },
    }),
  };
}

const signPlayback =
  (deps: { tokens: Tokens; publicStreamUrl: string }): SignPlayback =>
  (video, grant) =>
    playbackUrls(deps, {
      videoId: video._id,
      generation: video.generation,
      ...grant,
      hasPoster: hasPoster(video),
    });
