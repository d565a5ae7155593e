import { type MatrixRow, members } from './gateway-matrix-row.js';

export const ticketRows: readonly MatrixRow[] = [
  {
    operation: 'Mutation.createUpload',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: `mutation ($projectId: ID!) {
      createUpload(input: { projectId: $projectId, filename: "a.mp4" }) { method } }`,
  },
  {
    operation: 'Mutation.completeUpload',
    when: 'of what came in another way',
    who: [...members, 'projectKey'],
    outcome: 'CONFLICT',
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { completeUpload(videoId: $videoId) { id } }',
  },
];
