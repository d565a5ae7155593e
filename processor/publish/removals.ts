import { deletePrefix, type BlobContainer } from '../../platform/blob.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { BlobRemoval } from '../../schema/blob-removal.js';

/** How long one process has for a removal before another one may look at it too, seconds; and between looks. */
const PAUSE_SECONDS = 10;

/** Removals begun in one sweep at most. */
const SWEEP_LIMIT = 50;

/**
 * Removes the files of generations that ended before their time. Each is looked at again until nobody can
 * add to it any more, so that files of a worker that was asleep go too.
 */
export function createRemovals(deps: { db: Database; hls: BlobContainer; log: Logger }): () => Promise<void> {
  const removals = deps.db.model(BlobRemoval);
  const later = { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: PAUSE_SECONDS } };

  /** One that is due, and nobody else's until its pause is over. */
  const take = () =>
    removals
      .findOneAndUpdate({ $expr: { $lte: ['$dueAt', '$$NOW'] } }, [{ $set: { dueAt: later } }], {
        sort: { dueAt: 1 },
        updatePipeline: true,
      })
      .lean();

  return async () => {
    for (let taken = 0; taken < SWEEP_LIMIT; taken += 1) {
      const removal = await take();
      if (!removal) return;
      const files = await deletePrefix(deps.hls, removal._id);
      if (files > 0) deps.log.info({ prefix: removal._id, files }, 'files of an ended generation removed');
      await removals.deleteOne({ _id: removal._id, $expr: { $lte: ['$until', '$$NOW'] } });
    }
  };
}
