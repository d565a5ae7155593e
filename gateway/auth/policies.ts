import type { Permission } from '../../schema/permissions.js';

/**
 * Who may ask for something: `public`, everybody; `authenticated`, whoever has a valid credential; else
 * whoever has the permission. How far a permission reaches is up to the credential (`caller.ts`): where it
 * does not reach, a thing does not exist.
 */
export type Policy = Permission | 'public' | 'authenticated';

/** Every operation, and every field that asks for more than the way to it did. What has no row is refused. */
export const fieldPolicies: Readonly<Record<string, Policy>> = {
  'Query.viewer': 'authenticated',
  'Query.organization': 'organization:read',
  'Query.organizations': 'organization:read',
  'Query.project': 'project:read',
  'Query.projects': 'project:read',
  'Query.video': 'video:read',
  'Query.videos': 'video:read',
  'Query.uploads': 'video:read',
  'Query.apiKeys': 'key:read',
  'Query.adminStats': 'admin',
  'Query.jobs': 'admin',
  'Query.deadLetters': 'admin',
  'Query.auditLog': 'audit:read',
  'Query.outsideSignIn': 'public',

  // Who signs in, or cannot, has no credential yet.
  'Mutation.signUp': 'public',
  'Mutation.signIn': 'public',
  'Mutation.refreshSession': 'public',
  'Mutation.requestPasswordReset': 'public',
  'Mutation.resetPassword': 'public',
  'Mutation.exchangeSignInCode': 'public',
  'Mutation.signOut': 'authenticated',
  'Mutation.changePassword': 'authenticated',

  'Mutation.createOrganization': 'admin',
  'Mutation.updateOrganization': 'organization:write',
  'Mutation.inviteMember': 'member:write',
  'Mutation.revokeInvitation': 'member:write',
  // Of users, whom the invitation names.
  'Mutation.acceptInvitation': 'authenticated',
  'Mutation.setMemberRole': 'member:write',
  // Everybody may leave; for others it takes member:write.
  'Mutation.removeMember': 'authenticated',
  'Mutation.createProject': 'project:write',
  'Mutation.updateProject': 'project:write',
  'Mutation.createApiKey': 'key:write',
  'Mutation.rotateApiKey': 'key:write',
  'Mutation.revokeApiKey': 'key:write',
  'Mutation.uploadVideo': 'video:write',
  'Mutation.importVideo': 'video:write',
  'Mutation.createUpload': 'video:write',
  'Mutation.completeUpload': 'video:write',
  'Mutation.updateVideo': 'video:write',
  'Mutation.addCaptions': 'video:write',
  'Mutation.removeCaptions': 'video:write',
  'Mutation.stopVideo': 'video:stop',
  'Mutation.deleteVideo': 'video:delete',
  'Mutation.restoreVideo': 'video:delete',
  'Mutation.reprocessVideo': 'video:write',
  'Mutation.reprocessVideos': 'video:write',
  // Of a key of STREAM_KEYS it takes admin.
  'Mutation.revokePlayback': 'playback:revoke',
  'Mutation.setVideoPriority': 'admin',
  'Mutation.setOrganizationLimits': 'admin',
  'Mutation.drainWorker': 'admin',
  'Mutation.pauseProcessing': 'admin',
  'Mutation.resumeProcessing': 'admin',
  'Mutation.replayDeadLetter': 'admin',
  'Mutation.replayDeadLetters': 'admin',
  'Mutation.discardDeadLetter': 'admin',

  'Subscription.videoProgress': 'video:read',
  'Subscription.projectProgress': 'video:read',
  'Subscription.adminStats': 'admin',

  'Organization.members': 'organization:read',
  'Organization.invitations': 'member:write',
  'Organization.usage': 'organization:read',
  'Organization.limits': 'organization:read',
  'Project.playbackStats': 'video:read',
  'Video.playback': 'playback:sign',
  'Video.playbackSessions': 'video:write',
};

/**
 * Types whose fields ask for no more than the way to them did, unless they have a row above. A type that is
 * not listed is refused: whoever adds one has to think about who comes to see it.
 */
export const openTypes: readonly string[] = [
  'AdminStats',
  'ApiKey',
  'AuditConnection',
  'AuditEdge',
  'AuditEntry',
  'Captions',
  'ConsumerStats',
  'DeadLetter',
  'DeadLetterConnection',
  'DeadLetterEdge',
  'DeadLetterOrigin',
  'Invitation',
  'IssuedApiKey',
  'JobAttempt',
  'JobTimeline',
  'Membership',
  'Organization',
  'OrganizationConnection',
  'OrganizationEdge',
  'OrganizationLimits',
  'OrganizationQueue',
  'OrganizationUsage',
  'OutsideSignIn',
  'PageInfo',
  'Playback',
  'PlaybackDay',
  'PlaybackSession',
  'PlaybackSessionConnection',
  'PlaybackSessionEdge',
  'PlaybackStats',
  'PlayedRendition',
  'ProcessingControl',
  'ProcessingFigures',
  'ProcessingStats',
  'Project',
  'ProjectConnection',
  'ProjectEdge',
  'QueueStats',
  'Rendition',
  'RenditionDay',
  'RenditionProgress',
  'RenditionTotal',
  'ReplayRefusal',
  'ReplayedDeadLetters',
  'ReprocessRefusal',
  'ReprocessedVideos',
  'RevokedPlayback',
  'ScalingDecision',
  'SentInvitation',
  'Session',
  'UploadEntry',
  'UploadConnection',
  'UploadEdge',
  'UploadHeader',
  'UploadTicket',
  'User',
  'Video',
  'VideoConnection',
  'VideoEdge',
  'VideoError',
  'VideoProgress',
  'VideoSource',
  'Viewer',
  'WorkerJob',
  'WorkerStats',
];

/** `operation`: whoever has sent no credential, or a valid one; each operation has a row above. */
export type RoutePolicy = Policy | 'operation';

/** Every route of the gateway. */
export const routePolicies: Readonly<Record<string, RoutePolicy>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /.well-known/jwks.json': 'public',
  'GET /openapi.json': 'public',
  'GET /docs': 'public',
  'GET /docs/:file': 'public',
  // Browsers ask without credentials whether they may send some.
  'OPTIONS *': 'public',
  'GET /graphql': 'operation',
  'POST /graphql': 'operation',
  // What can be done, for tus clients.
  'OPTIONS /files': 'public',
  'OPTIONS /files/:id': 'public',
  'POST /files': 'video:write',
  // Whoever has the address of an upload may go on with it.
  'HEAD /files/:id': 'public',
  'PATCH /files/:id': 'public',
  'DELETE /files/:id': 'public',
  'POST /files/:id': 'public',
  // Browsers come here to sign in.
  'GET /auth/oidc/start': 'public',
  'GET /auth/oidc/callback': 'public',
  'POST /:projectID/upload': 'video:write',
  'POST /reprocess/:projectID/:videoID': 'video:write',
  'GET /admin/stats': 'admin',
  'POST /admin/video/:videoID/stop': 'admin',
};
