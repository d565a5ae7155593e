import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import '../schema/graphql-enums.js';
import { buildSchema, type NonEmptyArray } from 'type-graphql';
import { AdminResolver } from './admin/admin-resolver.js';
import { AuditResolver } from './admin/audit-resolver.js';
import { ControlResolver } from './admin/control-resolver.js';
import { DeadLetterResolver } from './admin/dead-letter-resolver.js';
import { JobTimelineResolver } from './admin/job-timeline-resolver.js';
import { ApiKeyResolver } from './api-keys/api-key-resolver.js';
import { CaptionsResolver } from './captions/captions-resolver.js';
import { enforcePolicies } from './auth/enforce-policies.js';
import { ImportResolver } from './imports/import-resolver.js';
import { OidcResolver } from './identity/oidc-resolver.js';
import { IdentityResolver } from './identity/identity-resolver.js';
import { InvitationResolver } from './organizations/invitation-resolver.js';
import { MemberResolver } from './organizations/member-resolver.js';
import { OrganizationFieldsResolver } from './organizations/organization-fields-resolver.js';
import { OrganizationResolver } from './organizations/organization-resolver.js';
import { LimitsResolver } from './limits/limits-resolver.js';
import { limitSubscriptions } from './limits/limit-subscriptions.js';
import {
  PlaybackDayResolver,
  ProjectPlaybackResolver,
  VideoPlaybackResolver,
} from './playback-log/playback-resolvers.js';
import { ProgressResolver } from './progress/progress-resolver.js';
import { ProjectResolver } from './projects/project-resolver.js';
import { ViewerResolver } from './projects/viewer-resolver.js';
import { TicketResolver } from './uploads/tickets/ticket-resolver.js';
import { RevocationResolver } from './revocations/revocation-resolver.js';
import { UploadLogResolver } from './uploads/upload-log-resolver.js';
import { UploadResolver } from './uploads/upload-resolver.js';
import { DeleteResolver } from './videos/delete-resolver.js';
import { ReprocessResolver } from './videos/reprocess-resolver.js';
import { VideoFieldsResolver } from './videos/video-fields-resolver.js';
import { VideoResolver } from './videos/video-resolver.js';

/** One instance of each resolver, with what it works with. */
export interface Resolvers {
  viewer: ViewerResolver;
  organization: OrganizationResolver;
  organizationFields: OrganizationFieldsResolver;
  member: MemberResolver;
  invitation: InvitationResolver;
  apiKey: ApiKeyResolver;
  project: ProjectResolver;
  video: VideoResolver;
  videoFields: VideoFieldsResolver;
  videoPlayback: VideoPlaybackResolver;
  projectPlayback: ProjectPlaybackResolver;
  playbackDay: PlaybackDayResolver;
  reprocess: ReprocessResolver;
  delete: DeleteResolver;
  captions: CaptionsResolver;
  upload: UploadResolver;
  ticket: TicketResolver;
  uploadLog: UploadLogResolver;
  import: ImportResolver;
  revocation: RevocationResolver;
  progress: ProgressResolver;
  limits: LimitsResolver;
  admin: AdminResolver;
  audit: AuditResolver;
  control: ControlResolver;
  deadLetters: DeadLetterResolver;
  jobTimeline: JobTimelineResolver;
  oidc: OidcResolver;
  identity: IdentityResolver;
}

const classes: NonEmptyArray<new (...deps: never[]) => object> = [
  ViewerResolver,
  OrganizationResolver,
  OrganizationFieldsResolver,
  MemberResolver,
  InvitationResolver,
  ApiKeyResolver,
  ProjectResolver,
  VideoResolver,
  VideoFieldsResolver,
  VideoPlaybackResolver,
  ProjectPlaybackResolver,
  PlaybackDayResolver,
  ReprocessResolver,
  DeleteResolver,
  CaptionsResolver,
  UploadResolver,
  TicketResolver,
  UploadLogResolver,
  ImportResolver,
  RevocationResolver,
  ProgressResolver,
  LimitsResolver,
  AdminResolver,
  AuditResolver,
  ControlResolver,
  DeadLetterResolver,
  JobTimelineResolver,
  OidcResolver,
  IdentityResolver,
];

/** Each subscription brings its own source; the generator only wants to know that there is one. */
const noPubSub = {
  publish: () => undefined,
  subscribe(): never {
    throw new Error('a subscription must bring its own subscribe');
  },
};

/**
 * The executable schema, every operation behind its policy. Without `resolvers` it can only be printed.
 * @throws Error where an operation declares no policy.
 */
export async function buildGatewaySchema(resolvers?: Resolvers): Promise<GraphQLSchema> {
  const instances = new Map<unknown, object>(
    Object.values(resolvers ?? {}).map((resolver: object) => [resolver.constructor, resolver]),
  );
  const schema = await buildSchema({
    resolvers: classes,
    container: { get: (resolver) => instances.get(resolver) },
    validate: true,
    pubSub: noPubSub,
    // It introspects itself, which takes four times as long as to build it: once, where it is printed, is enough.
    skipCheck: resolvers !== undefined,
  });
  return enforcePolicies(limitSubscriptions(schema));
}
