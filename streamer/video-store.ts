import type { Database } from '../platform/mongo.js';
import { toAppError } from '../schema/errors.js';
import { Project } from '../schema/project.js';
import { Video } from '../schema/video.js';

/** What the streamer reads of a video. */
export type PlayableVideo = Pick<
  Video,
  | '_id'
  | 'projectId'
  | 'title'
  | 'status'
  | 'generation'
  | 'playbackEpoch'
  | 'served'
  | 'source'
  | 'renditions'
  | 'createdAt'
  | 'readyAt'
> & { project: Pick<Project, 'playbackPolicy' | 'playbackOrigins'> };

export interface VideoStore {
  /**
   * A video that can be played now; undefined where there is none.
   * @throws AppError UNAVAILABLE where the database does not answer.
   */
  findPlayable(videoId: string): Promise<PlayableVideo | undefined>;
}

const FIELDS = 'projectId title status generation playbackEpoch served source renditions createdAt readyAt';
const SETTINGS = 'playbackPolicy playbackOrigins';

export function createVideoStore(deps: { db: Database }): VideoStore {
  const videos = deps.db.model(Video);
  const projects = deps.db.model(Project);
  return {
    async findPlayable(videoId) {
      try {
        const video = await videos.findOne({ _id: videoId, playable: true }, FIELDS).lean<PlayableVideo>();
        const project = video && (await projects.findById(video.projectId, SETTINGS).lean<Project>());
        return video ? { ...video, project: project ?? {} } : undefined;
      } catch (error) {
        throw toAppError(error, 'UNAVAILABLE');
      }
    },
  };
}
