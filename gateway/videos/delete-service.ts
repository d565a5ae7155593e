import type { Deletions } from '../../platform/deletions.js';
import type { Generations } from '../../platform/generations.js';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import { AppError } from '../../schema/errors.js';
import { progressOf } from '../../schema/video-progress.js';
import type { Video } from '../../schema/video.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import { visibleVideos } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import type { ProgressHub } from '../progress/progress-hub.js';
import type { UploadService } from '../uploads/upload-service.js';
import type { VideoStore } from './video-store.js';

export interface DeleteService {
  /**
   * Takes a video away from everybody, whatever is being done with it. Entered in the audit log.
   * @throws AppError NOT_FOUND, FORBIDDEN
   */
  delete(id: string, origin: OperationOrigin): Promise<string>;
  /** Brings a deleted video back within its grace. Entered in the audit log. @throws AppError NOT_FOUND, FORBIDDEN */
  restore(id: string, origin: OperationOrigin): Promise<Video>;
  /** Deletes without being asked to; false where it is gone already. */
  remove(videoId: string): Promise<boolean>;
}

export function createDeleteService(deps: {
  db: Database;
  videos: Pick<VideoStore, 'find'>;
  deletions: Pick<Deletions, 'delete' | 'restore'>;
  generations: Pick<Generations, 'announceEnd'>;
  hub: Pick<ProgressHub, 'publish' | 'forget'>;
  uploads: Pick<UploadService, 'cancel'>;
  publisher: Publisher;
  acts: PlacedActs;
  /** How long a deleted video can be restored, milliseconds; 0: not at all. */
  graceMs: number;
}): DeleteService {
  const { db, videos, deletions, generations, hub, uploads, acts, graceMs } = deps;
  const deleted = db.model(DeletedVideo);
  const permission = 'video:delete';

  async function remove(videoId: string): Promise<boolean> {
    const gone = await db.transaction((session) => deletions.delete(videoId, graceMs, session));
    if (!gone) return false;
    const { video, wasUnfinished } = gone;
    uploads.cancel(videoId);
    if (wasUnfinished) {
      hub.publish({ v: 1, projectId: video.projectId, event: progressOf(video) });
      // Nobody waits for the messages: with Kafka down, workers learn it from the database.
      void generations.announceEnd(video);
    }
    hub.forget(videoId);
    return true;
  }

  return {
    remove,

    async delete(id, origin) {
      const place = await videos.find(id, origin.caller);
      return acts.record({ action: 'deleteVideo', target: id, place, permission }, origin, async () => {
        if (!(await remove(id))) throw new AppError('NOT_FOUND');
        return id;
      });
    },

    async restore(id, origin) {
      const visible = visibleVideos(origin.caller);
      const found = visible && (await deleted.findOne({ $and: [{ _id: id }, visible] }, { video: 0 }).lean());
      const place = found ?? undefined;
      return acts.record({ action: 'restoreVideo', target: id, place, permission }, origin, async () => {
        const restored = await db.transaction((session) => deletions.restore(id, session));
        if (!restored) throw new AppError('NOT_FOUND');
        void publishProgress(deps.publisher, restored);
        return restored;
      });
    },
  };
}
