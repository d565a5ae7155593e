import type { PlayableVideo } from '../video-store.js';

/** Videos that anybody may play: `/stream/<video id>.m3u8` of them needs no token and never expires. */
export interface PublicVideos {
  /**
   * A public video that can be played now; undefined for every other.
   * @throws AppError UNAVAILABLE where it cannot be told
   */
  find(videoId: string): Promise<PlayableVideo | undefined>;
}
