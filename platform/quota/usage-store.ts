import type { ClientSession } from 'mongoose';
import type { Database } from '../mongo.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import { UploadStatus } from '../../schema/enums.js';
import { Video } from '../../schema/video.js';
import { monthStart, type Usage } from './quota.js';

/** What organizations use. */
export interface UsageStore {
  read(organizationId: string, session?: ClientSession): Promise<Usage>;
}

/** Read from the index alone: however many videos there are, none of them is looked at. */
const usageIndex = {
  ...{ organizationId: 1, uploadStatus: 1, receivedAt: 1 },
  ...{ 'source.sizeBytes': 1, 'source.durationSeconds': 1, sourceRemovedAt: 1 },
} as const;

const MAX_TIME_MS = 5_000;

export function createUsageStore(deps: { db: Database; now?: () => number }): UsageStore {
  const videos = deps.db.model(Video);
  const trash = deps.db.model(DeletedVideo);
  const now = deps.now ?? Date.now;

  async function received(organizationId: string, session?: ClientSession) {
    const isStored = { $eq: [{ $ifNull: ['$sourceRemovedAt', null] }, null] };
    const inMonth = { $gte: ['$receivedAt', monthStart(now())] };
    const [sums] = await videos
      .aggregate<{ bytes: number; seconds: number }>([
        { $match: { organizationId, uploadStatus: UploadStatus.RECEIVED } },
        {
          $group: {
            _id: null,
            bytes: { $sum: { $cond: [isStored, '$source.sizeBytes', 0] } },
            seconds: { $sum: { $cond: [inMonth, '$source.durationSeconds', 0] } },
          },
        },
      ])
      .hint(usageIndex)
      .option({ maxTimeMS: MAX_TIME_MS })
      .session(session ?? null);
    return sums ?? { bytes: 0, seconds: 0 };
  }

  /** Deleted videos are stored until they are purged, and have come in all the same. */
  async function deleted(organizationId: string, session?: ClientSession) {
    const isStored = { $eq: [{ $type: '$purgedAt' }, 'missing'] };
    const inMonth = { $gte: ['$usage.receivedAt', monthStart(now())] };
    const [sums] = await trash
      .aggregate<{ bytes: number; seconds: number }>([
        { $match: { organizationId, 'usage.receivedAt': { $exists: true } } },
        {
          $group: {
            _id: null,
            bytes: { $sum: { $cond: [isStored, '$usage.sizeBytes', 0] } },
            seconds: { $sum: { $cond: [inMonth, '$usage.durationSeconds', 0] } },
          },
        },
      ])
      .option({ maxTimeMS: MAX_TIME_MS })
      .session(session ?? null);
    return sums ?? { bytes: 0, seconds: 0 };
  }

  /** Those whose receiver has died are not going on. */
  const receiving = (organizationId: string, session?: ClientSession): Promise<number> =>
    videos
      .countDocuments(
        {
          ...{ organizationId, uploadStatus: UploadStatus.RECEIVING },
          uploadLeaseUntil: { $gt: new Date(now()) },
        },
        { session, maxTimeMS: MAX_TIME_MS },
      )
      .exec();

  return {
    async read(organizationId, session) {
      // One after the other: a transaction has one connection.
      const { bytes, seconds } = await received(organizationId, session);
      const gone = await deleted(organizationId, session);
      const uploadsNow = await receiving(organizationId, session);
      return {
        storedBytes: bytes + gone.bytes,
        minutesThisMonth: (seconds + gone.seconds) / 60,
        uploadsNow,
      };
    },
  };
}
