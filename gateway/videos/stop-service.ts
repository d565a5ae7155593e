import type { Generations } from '../../platform/generations.js';
import type { Database } from '../../platform/mongo.js';
import { VideoStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { progressOf } from '../../schema/video-progress.js';
import type { Video } from '../../schema/video.js';
import { type Caller, requirePermission } from '../auth/caller.js';
import type { ProgressHub } from '../progress/progress-hub.js';
import type { UploadService } from '../uploads/upload-service.js';
import type { VideoStore } from './video-store.js';

export interface StopService {
  /**
   * Ends all work on a video, from any stage; what was published of it goes.
   * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT (status) where it has ended already
   */
  stop(request: { id: string; reason?: string; caller: Caller }): Promise<Video>;
}

export function createStopService(deps: {
  db: Database;
  videos: Pick<VideoStore, 'find'>;
  generations: Pick<Generations, 'end' | 'announceEnd'>;
  hub: Pick<ProgressHub, 'publish'>;
  uploads: Pick<UploadService, 'cancel'>;
}): StopService {
  const { db, videos, generations, hub, uploads } = deps;

  return {
    async stop({ id, reason, caller }) {
      const video = await videos.find(id, caller);
      if (!video) throw new AppError('NOT_FOUND');
      requirePermission(caller, 'video:stop', video);
      const ref = { videoId: id, generation: video.generation };
      const end = { status: VideoStatus.STOPPED, reason };
      const stopped = await db.transaction((session) => generations.end(ref, end, session));
      if (!stopped) {
        const { status } = (await videos.find(id, caller)) ?? video;
        throw new AppError('CONFLICT', {
          status,
          message: `The video is ${status}: nothing is left to stop.`,
        });
      }
      uploads.cancel(id);
      hub.publish({ v: 1, projectId: stopped.projectId, event: progressOf(stopped) });
      // Nobody waits for the messages: with Kafka down, workers learn it from the database.
      void generations.announceEnd(stopped);
      return stopped;
    },
  };
}
