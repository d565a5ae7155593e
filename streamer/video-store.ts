import type { Database } from '../platform/mongo.js';
import { toAppError } from '../schema/errors.js';
import { Video } from '../schema/video.js';

/** What the streamer reads of a video. */
export type PlayableVideo = Pick<
  Video,
  | '_id'
  | 'projectId'
  | 'title'
  | 'status'
  | 'generation'
  | 'served'
  | 'source'
  | 'renditions'
  | 'createdAt'
  | 'readyAt'
>;

export interface VideoStore {
  /**
   * A video that can be played now; undefined where there is none.
   * @throws AppError UNAVAILABLE where the database does not answer.
   */
  findPlayable(videoId: string): Promise<PlayableVideo | undefined>;
}

const FIELDS = 'projectId title status generation served source renditions createdAt readyAt';

export function createVideoStore(deps: { db: Database }): VideoStore {
  const videos = deps.db.model(Video);
  return {
    async findPlayable(videoId) {
      try {
        const found = await videos.findOne({ _id: videoId, playable: true }, FIELDS).lean<PlayableVideo>();
        return found ?? undefined;
      } catch (error) {
        throw toAppError(error, 'UNAVAILABLE');
      }
    },
  };
}
