import { DeletedVideo } from '../schema/deleted-video.js';
import type { Deletions } from './deletions.js';
import type { Logger } from './logger.js';
import type { Database } from './mongo.js';

/** Videos purged in one sweep at most. */
const SWEEP_LIMIT = 50;

/** Purges deleted videos that cannot be restored any more. Resolves to how many. */
export function createPurgeSweep(deps: {
  db: Database;
  deletions: Pick<Deletions, 'purge'>;
  log: Logger;
}): () => Promise<number> {
  const { db, deletions, log } = deps;
  const deleted = db.model(DeletedVideo);

  return async () => {
    const due = await deleted
      .find({ video: { $exists: true }, purgeAt: { $lte: new Date() } }, { _id: 1 })
      .sort({ purgeAt: 1 })
      .limit(SWEEP_LIMIT)
      .lean<Pick<DeletedVideo, '_id'>[]>();
    let purged = 0;
    for (const { _id: videoId } of due) {
      // Another process may have been faster.
      if (!(await db.transaction((session) => deletions.purge(videoId, session)))) continue;
      log.info({ videoId }, 'deleted video purged');
      purged += 1;
    }
    return purged;
  };
}
