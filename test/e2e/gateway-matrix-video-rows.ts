import { type MatrixRow, members, operators, viewers } from './gateway-matrix-row.js';

export const videoRows: MatrixRow[] = [
  {
    operation: 'Mutation.uploadVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: `mutation ($projectId: ID!, $file: Upload!) {
      uploadVideo(input: { projectId: $projectId }, file: $file) { id } }`,
  },
  {
    operation: 'Mutation.importVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: `mutation ($projectId: ID!) {
      importVideo(input: { projectId: $projectId, url: "https://media.example/film.mp4" }) { id } }`,
  },
  {
    operation: 'Mutation.updateVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { updateVideo(id: $videoId, input: { title: "New" }) { title } }',
  },
  {
    operation: 'Mutation.addCaptions',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    // Its file is refused once it may be read.
    outcome: 'BAD_USER_INPUT',
    document: `mutation ($videoId: ID!, $file: Upload!) {
      addCaptions(input: { videoId: $videoId, language: "en" }, file: $file) { id } }`,
  },
  {
    operation: 'Mutation.removeCaptions',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($captionedId: ID!) { removeCaptions(videoId: $captionedId, language: "en") { id } }',
  },
  {
    operation: 'Mutation.stopVideo',
    who: [...members, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { stopVideo(id: $videoId) { status } }',
  },
  {
    operation: 'Mutation.setVideoPriority',
    who: operators,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($videoId: ID!) { setVideoPriority(id: $videoId, priority: HIGH) { priority } }',
  },
  {
    operation: 'Subscription.videoProgress',
    who: [...viewers, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'subscription ($videoId: ID!) { videoProgress(videoId: $videoId) { videoId } }',
  },
  {
    operation: 'Subscription.projectProgress',
    who: [...viewers, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'subscription ($projectId: ID!) { projectProgress(projectId: $projectId) { videoId } }',
  },
];
