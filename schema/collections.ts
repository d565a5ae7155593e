import type { ApiKey } from './api-key.js';
import type { DeletedVideo } from './deleted-video.js';
import type { PlaybackSession } from './playback-session.js';
import type { Project } from './project.js';
import type { Video } from './video.js';

/** Collections that are used without the models of what is in them. */
export interface Collected {
  apiKeys: ApiKey;
  deletedVideos: DeletedVideo;
  playbackSessions: PlaybackSession;
  projects: Project;
  videos: Video;
}
