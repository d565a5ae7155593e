import { type MatrixRow, members } from './gateway-matrix-row.js';

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
    document: 'mutation ($projectId: ID!) { reprocessVideos(projectId: $projectId) { reprocessed } }',
  },
];
