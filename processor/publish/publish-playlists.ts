import type { BlobContainer } from '../../platform/blob.js';
import type { Database } from '../../platform/mongo.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import type { GenerationRef, VideoTracker } from '../progress/video-tracker.js';
import { masterPlaylist } from './master-playlist.js';
import { mediaPlaylist } from './media-playlist.js';
import type { PlaylistStore } from './playlist-store.js';
import { publishedPrefix } from './published-prefix.js';

export interface PlaylistPublisher {
  /**
   * Publishes what is complete from the start of the film, after a chunk was added to it. Any number of
   * workers may do so at once.
   */
  publish(ref: GenerationRef, plan: TranscodePlan): Promise<void>;
}
