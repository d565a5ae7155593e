import { type MatrixRow, members, operators } from './gateway-matrix-row.js';

/** Videos made anew, deleted and restored. */
export const lifecycleRows: MatrixRow[] = [
  {
    operation: 'Mutation.deleteVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { deleteVideo(id: $videoId) }',
  },
  {
    operation: 'Mutation.restoreVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($deletedVideoId: ID!) { restoreVideo(id: $deletedVideoId) { id } }',
  },
  {
    operation: 'Mutation.reprocessVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { reprocessVideo(id: $videoId) { generation } }',
  },
  {
    operation: 'Mutation.reprocessVideos',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: `mutation ($projectId: ID!) {
      reprocessVideos(projectId: $projectId, filter: { titleContains: "none such" }) { reprocessed } }`,
  },
  {
    operation: 'Mutation.revokePlayback',
    when: 'of a video',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { revokePlayback(input: { videoId: $videoId }) { revokedAt } }',
  },
  {
    operation: 'Mutation.revokePlayback',
    when: 'of a session',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: `mutation ($videoId: ID!) {
      revokePlayback(input: { videoId: $videoId, sessionId: "s" }) { revokedAt } }`,
  },
  {
    operation: 'Mutation.revokePlayback',
    when: 'of a viewer',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: `mutation ($projectId: ID!) {
      revokePlayback(input: { projectId: $projectId, userId: "ada" }) { revokedAt } }`,
  },
  {
    operation: 'Mutation.revokePlayback',
    when: 'of a key',
    who: operators,
    document: 'mutation { revokePlayback(input: { keyId: "gone" }) { revokedAt } }',
  },
];
