import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import { awaitedUploads, unfinishedStatuses, UploadStatus } from '../../schema/enums.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { Video } from '../../schema/video.js';

/** How long an upload counts as alive after its receiver was last heard of, milliseconds. */
export const UPLOAD_LEASE_MS = 30_000;

/** How often is told how much of a file has arrived, milliseconds. */
export const UPLOAD_TICK_MS = 1_000;

/** What watchers see of a file while it arrives. */
export interface UploadProgress {
  /**
   * Tells how much has arrived, and that the receiver is alive. Returns false where the source is awaited no more.
   * @param upload.expiresAt when it is given up if nothing more comes; absent where it comes in one request
   */
  tick(videoId: string, upload: { receivedBytes: number; expiresAt?: Date }): Promise<boolean>;
}

export function createUploadProgress(deps: {
  db: Database;
  publisher: Publisher;
  now?: () => number;
}): UploadProgress {
  const videos = deps.db.model(Video);
  const entries = deps.db.model(UploadEntry);
  const now = deps.now ?? Date.now;

  const awaited = (videoId: string) => ({
    ...{ _id: videoId, uploadStatus: { $in: [...awaitedUploads] } },
    status: { $in: [...unfinishedStatuses] },
  });

  async function enterStart(videoId: string): Promise<void> {
    const start = { status: UploadStatus.RECEIVING, startedAt: new Date(now()) };
    await entries.updateOne({ videoId, status: UploadStatus.WAITING }, { $set: start });
  }

  return {
    async tick(videoId, { receivedBytes, expiresAt }) {
      const before = await videos
        .findOneAndUpdate(awaited(videoId), {
          $set: {
            uploadStatus: UploadStatus.RECEIVING,
            uploadLeaseUntil: new Date(now() + UPLOAD_LEASE_MS),
            ...(expiresAt && { uploadExpiresAt: expiresAt }),
            'progress.receivedBytes': receivedBytes,
            'progress.at': new Date(now()),
          },
          $inc: { 'progress.sequence': 1 },
        })
        .lean<Video>();
      if (!before) return false;
      if (before.uploadStatus === UploadStatus.WAITING) await enterStart(videoId);
      const at = new Date(now());
      const progress = { ...before.progress, sequence: before.progress.sequence + 1, receivedBytes, at };
      void publishProgress(deps.publisher, { ...before, uploadStatus: UploadStatus.RECEIVING, progress });
      return true;
    },
  };
}
