import type { Collections } from '../platform/mongo-driver.js';
import { toAppError } from '../schema/errors.js';
import type { Project } from '../schema/project.js';
import type { Video } from '../schema/video.js';

const FIELDS = {
  projectId: 1,
  title: 1,
  status: 1,
  generation: 1,
  playbackEpoch: 1,
  served: 1,
  source: 1,
  renditions: 1,
  createdAt: 1,
  readyAt: 1,
} as const;

const SETTINGS = { playbackPolicy: 1, playbackOrigins: 1 } as const;

/** What the streamer reads of a video. */
export type PlayableVideo = Pick<Video, '_id' | keyof typeof FIELDS> & {
  project: Pick<Project, keyof typeof SETTINGS>;
};

export interface VideoStore {
  /**
   * A video that can be played now; undefined where there is none.
   * @throws AppError UNAVAILABLE where the database does not answer.
   */
  findPlayable(videoId: string): Promise<PlayableVideo | undefined>;
}

export function createVideoStore(deps: { db: Collections }): VideoStore {
  const videos = deps.db.collection('videos');
  const projects = deps.db.collection('projects');
  return {
    async findPlayable(videoId) {
      try {
        const query = { _id: videoId, playable: true };
        const video = await videos.findOne<Omit<PlayableVideo, 'project'>>(query, { projection: FIELDS });
        if (!video) return undefined;
        const project = await projects.findOne({ _id: video.projectId }, { projection: SETTINGS });
        return { ...video, project: project ?? {} };
      } catch (error) {
        throw toAppError(error, 'UNAVAILABLE');
      }
    },
  };
}
