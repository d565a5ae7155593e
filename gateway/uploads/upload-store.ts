import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { unfinishedStatuses, UploadStatus, VideoStatus } from '../../schema/enums.js';
import { Video } from '../../schema/video.js';
import { UPLOAD_LEASE_MS } from './upload-progress.js';

/** Videos whose source is received in one request. */
export interface UploadStore {
  /** Until when the receiver of an upload that is heard of now counts as alive. */
  leaseUntil(): Date;
  /** Gives an upload up, unless it was received. Returns the video if it was received after all. */
  abandon(videoId: string): Promise<Video | undefined>;
  /** Removes a video that was given up; one that was stopped, or whose import failed, stays, as such. */
  remove(videoId: string): Promise<void>;
  isStopped(videoId: string): Promise<boolean>;
  /** For a title that came after the file. It must be fit to be shown. */
  retitle(videoId: string, title: string, session: ClientSession): Promise<void>;
  /** Ids of uploads whose receiver is dead, or that were given up and not removed. */
  listAbandoned(limit: number): Promise<string[]>;
}

const unfinished = { $in: [UploadStatus.RECEIVING, UploadStatus.FAILED] };

export function createUploadStore(deps: { db: Database; now?: () => number }): UploadStore {
  const videos = deps.db.model(Video);
  const now = deps.now ?? Date.now;

  return {
    leaseUntil: () => new Date(now() + UPLOAD_LEASE_MS),

    async abandon(videoId) {
      await videos.updateOne(
        // An import that has begun again has no such lease.
        { _id: videoId, uploadStatus: unfinished, uploadLeaseUntil: { $exists: true } },
        { $set: { uploadStatus: UploadStatus.FAILED, uploadLeaseUntil: new Date(0) } },
      );
      const received = { _id: videoId, uploadStatus: { $ne: UploadStatus.FAILED } };
      return (await videos.findOne(received).lean<Video>()) ?? undefined;
    },

    async remove(videoId) {
      const failed = { _id: videoId, uploadStatus: UploadStatus.FAILED };
      await videos.deleteOne({ ...failed, status: { $in: [...unfinishedStatuses] } });
      await videos.updateOne(failed, { $unset: { uploadLeaseUntil: 1 } });
    },

    async isStopped(videoId) {
      return (await videos.exists({ _id: videoId, status: VideoStatus.STOPPED })) !== null;
    },

    async retitle(videoId, title, session) {
      await videos.updateOne({ _id: videoId }, { $set: { title } }, { session });
    },

    async listAbandoned(limit) {
      const found = await videos
        .find(
          {
            ...{ uploadLeaseUntil: { $lt: new Date(now()) }, uploadStatus: unfinished },
            uploadExpiresAt: { $exists: false },
          },
          { _id: 1 },
        )
        .limit(limit)
        .lean<Pick<Video, '_id'>[]>();
      return found.map(({ _id }) => _id);
    },
  };
}
