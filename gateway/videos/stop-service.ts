import type { Generations } from '../../platform/generations.js';
import type { Database } from '../../platform/mongo.js';
import { VideoStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { progressOf } from '../../schema/video-progress.js';
import type { Video } from '../../schema/video.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import type { OperationOrigin } from '../context.js';
import type { ProgressHub } from '../progress/progress-hub.js';
import type { UploadService } from '../uploads/upload-service.js';
import { displayText } from './display-text.js';
import type { VideoStore } from './video-store.js';

export interface StopService {
  /**
   * Ends all work on a video, from any stage; what was published of it goes. Entered in the audit log.
   * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT (status) where it has ended already
   */
  stop(request: { id: string; reason?: string | null }, origin: OperationOrigin): Promise<Video>;
}

export function createStopService(deps: {
  db: Database;
  videos: Pick<VideoStore, 'find'>;
  generations: Pick<Generations, 'end' | 'announceEnd'>;
  hub: Pick<ProgressHub, 'publish'>;
  uploads: Pick<UploadService, 'cancel'>;
  acts: PlacedActs;
}): StopService {
  const { db, videos, generations, hub, uploads, acts } = deps;

  async function end(video: Video, reason: string | undefined, { caller }: OperationOrigin): Promise<Video> {
    const ref = { videoId: video._id, generation: video.generation };
    const how = { status: VideoStatus.STOPPED, reason };
    const stopped = await db.transaction((session) => generations.end(ref, how, session));
    if (!stopped) {
      const { status } = (await videos.find(video._id, caller)) ?? video;
      throw new AppError('CONFLICT', {
        status,
        message: `The video is ${status}: nothing is left to stop.`,
      });
    }
    uploads.cancel(video._id);
    hub.publish({ v: 1, projectId: stopped.projectId, event: progressOf(stopped) });
    // Nobody waits for the messages: with Kafka down, workers learn it from the database.
    void generations.announceEnd(stopped);
    return stopped;
  }

  return {
    async stop({ id, reason: text }, origin) {
      const reason = displayText(text ?? '') || undefined;
      const place = await videos.find(id, origin.caller);
      const act = { action: 'stopVideo', target: id, details: { reason }, place };
      return acts.record({ ...act, permission: 'video:stop' }, origin, (video) => end(video, reason, origin));
    },
  };
}
