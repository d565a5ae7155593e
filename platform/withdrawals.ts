import { withdrawnKey } from '../schema/blob-paths.js';
import { DeletedVideo } from '../schema/deleted-video.js';
import type { BlobContainer } from './blob.js';
import { MARK_WINDOW_MS } from './deletions.js';
import type { Database } from './mongo.js';

/** Between two writes of one mark, seconds. */
const PAUSE_SECONDS = 10;

/** Marks written in one sweep at most. */
const SWEEP_LIMIT = 50;

/**
 * Withdraws deleted videos that can be restored from playback: writes the mark that streamers look for. Again until
 * whoever was removing an older mark is sure to have come to an end. Resolves to how many were written.
 */
export function createWithdrawalSweep(deps: {
  db: Database;
  hls: Pick<BlobContainer, 'put'>;
}): () => Promise<number> {
  const deleted = deps.db.model(DeletedVideo);
  const later = { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: PAUSE_SECONDS } };
  const isSure = { $gte: [{ $subtract: ['$$NOW', '$deletedAt'] }, MARK_WINDOW_MS] };

  const take = () =>
    deleted
      .findOneAndUpdate(
        { $expr: { $lte: ['$withdrawAt', '$$NOW'] }, withdrawAt: { $exists: true } },
        [{ $set: { withdrawAt: later } }],
        { sort: { withdrawAt: 1 }, updatePipeline: true, projection: { video: 0 } },
      )
      .lean<DeletedVideo>();

  return async () => {
    let written = 0;
    for (; written < SWEEP_LIMIT; written += 1) {
      const next = await take();
      if (!next) break;
      await deps.hls.put(withdrawnKey(next._id), Buffer.alloc(0), { contentType: 'text/plain' });
      await deleted.updateOne({ _id: next._id, $expr: isSure }, { $unset: { withdrawAt: 1 } });
    }
    return written;
  };
}
