/** GraphQL's names for enums that processes without GraphQL use, too. */
import { registerEnumType } from 'type-graphql';
import { Priority, ProcessingStage, UploadStatus, VideoStatus } from './enums.js';
import { PlaybackPolicy } from './playback-policy.js';

registerEnumType(Priority, {
  name: 'Priority',
  description: "A video's place among those of its own organization; other organizations keep their share.",
});
registerEnumType(UploadStatus, {
  name: 'UploadStatus',
  description: 'How far the source file has arrived.',
});
registerEnumType(VideoStatus, {
  name: 'VideoStatus',
  description: 'How far processing has come; READY, FAILED and STOPPED are final for a generation.',
});
registerEnumType(ProcessingStage, {
  name: 'ProcessingStage',
  description: 'What is being done for the video right now.',
});
registerEnumType(PlaybackPolicy, {
  name: 'PlaybackPolicy',
  description: 'Who may play the videos of a project: whoever has a signed URL, or everybody.',
});
