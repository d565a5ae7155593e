import type { ClientSession } from 'mongoose';
import type { Generations } from '../../../platform/generations.js';
import type { Intake, ReceivedFile } from '../../../platform/intake.js';
import type { Database } from '../../../platform/mongo.js';
import { UploadStatus, VideoStatus } from '../../../schema/enums.js';
import { AppError } from '../../../schema/errors.js';
import { Video } from '../../../schema/video.js';

/** The videos that uploads in several requests are for. */
export interface Arrivals {
  /** Undefined where the video is gone. */
  statusOf(videoId: string): Promise<UploadStatus | undefined>;
  /**
   * Queues the video; `also` is done in the same transaction, which may run twice.
   * @throws AppError QUOTA_EXCEEDED, UPLOAD_ENDED where its source is awaited no more
   */
  received(
    videoId: string,
    file: ReceivedFile,
    also: (session: ClientSession) => Promise<void>,
  ): Promise<Video>;
  /** Ends a video that its source does not come for any more. EXPIRED where its time is over. */
  fail(videoId: string, why: AppError | 'EXPIRED', receivedBytes: number): Promise<void>;
  /** Removes videos that never got their source, a day after they ended. */
  forgetFailed(): Promise<void>;
}

/** Videos that never got their source are kept for this long, so that their senders see why, milliseconds. */
const FAILED_KEPT_MS = 24 * 3_600_000;

const expired = (): AppError =>
  new AppError('UPLOAD_ENDED', { message: 'The upload has expired: the file did not arrive in time.' });

export function createArrivals(deps: {
  db: Database;
  intake: Pick<Intake, 'received' | 'announce' | 'logEnd'>;
  generations: Pick<Generations, 'end' | 'announceEnd'>;
  onEnd?: (outcome: string) => void;
}): Arrivals {
  const { db, intake, generations } = deps;
  const videos = db.model(Video);

  /** What is awaited no more ends as FAILED with its generation; an expired one is told apart. */
  async function end(videoId: string, status: UploadStatus, error: AppError, session: ClientSession) {
    const { code, message, retryable } = error;
    const how = { status: VideoStatus.FAILED, error: { code, message, retryable } };
    const ended = await generations.end({ videoId, generation: 1 }, how, session);
    if (!ended) return undefined;
    const uploadExpiresAt = new Date(Date.now() + FAILED_KEPT_MS);
    await videos.updateOne(
      { _id: videoId },
      { $set: { uploadStatus: status, uploadExpiresAt }, $unset: { uploadLeaseUntil: 1 } },
      { session },
    );
    return { ...ended, uploadStatus: status };
  }

  return {
    async statusOf(videoId) {
      const video = await videos.findById(videoId, { uploadStatus: 1 }).lean<Video>();
      return video?.uploadStatus;
    },

    async received(videoId, file, also) {
      const upload = await db.transaction(async (session) => {
        const received = await intake.received(videoId, file, session);
        if (!received) throw new AppError('UPLOAD_ENDED');
        await also(session);
        return received;
      });
      intake.announce(upload);
      deps.onEnd?.('RECEIVED');
      return upload.video;
    },

    async fail(videoId, why, receivedBytes) {
      const error = why === 'EXPIRED' ? expired() : why;
      const status = why === 'EXPIRED' ? UploadStatus.EXPIRED : UploadStatus.FAILED;
      const ended = await db.transaction(async (session) => {
        await intake.logEnd(videoId, { status, errorCode: error.code, receivedBytes }, session);
        return end(videoId, status, error, session);
      });
      if (!ended) return;
      deps.onEnd?.(why === 'EXPIRED' ? why : error.code);
      // Nobody waits for the messages: watchers learn it from the database too.
      void generations.announceEnd(ended);
    },

    async forgetFailed() {
      await videos.deleteMany({
        ...{ uploadExpiresAt: { $lt: new Date() }, status: VideoStatus.FAILED },
        uploadStatus: { $in: [UploadStatus.FAILED, UploadStatus.EXPIRED] },
      });
    },
  };
}
