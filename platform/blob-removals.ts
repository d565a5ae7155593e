import type { ClientSession } from 'mongoose';
import { hlsFiles } from '../schema/blob-paths.js';
import { BlobRemoval, RemovalContainer, removalId, removalTarget } from '../schema/blob-removal.js';
import type { BlobContainer } from './blob.js';
import { deletePrefix } from './delete-prefix.js';
import type { Logger } from './logger.js';
import type { Database } from './mongo.js';

/** Files may be added for this long by those who have not heard of the end, milliseconds. */
export const REMOVAL_WINDOW_MS = 5 * 60_000;

/** What is to go. */
export interface WantedRemoval {
  container: RemovalContainer;
  /** Of the blobs' names. */
  prefix: string;
  /** When it is looked at first; at once where absent. */
  dueAt?: Date;
  /** For how long from then on somebody may still add to it, milliseconds; 0 where nobody can. */
  windowMs?: number;
}

/** Notes, within the caller's transaction, which blobs go: any process removes them. */
export interface BlobRemovals {
  add(wanted: WantedRemoval, session: ClientSession): Promise<void>;
  /** Forgets what was to go below a prefix of published files: it stays, or goes with something larger. */
  forgetBelow(prefix: string, session: ClientSession): Promise<void>;
}

export function createBlobRemovals(deps: { db: Database }): BlobRemovals {
  const removals = deps.db.model(BlobRemoval);
  return {
    async add({ container, prefix, dueAt = new Date(), windowMs = REMOVAL_WINDOW_MS }, session) {
      const until = new Date(dueAt.getTime() + windowMs);
      await removals.updateOne(
        { _id: removalId(container, prefix) },
        { $set: { dueAt, until } },
        { upsert: true, session },
      );
    },

    async forgetBelow(prefix, session) {
      // Every key below it sorts before the one that ends with the next larger character.
      const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
      await removals.deleteMany({ _id: { $gte: prefix, $lt: end } }, { session });
    },
  };
}

/**
 * How long one process has for a removal before another one may look at it too, and between looks, milliseconds:
 * a thirtieth of the time that is left, within these.
 */
const MIN_PAUSE_MS = 10_000;
const MAX_PAUSE_MS = 600_000;
const LOOKS = 30;

/** Removals begun in one sweep at most. */
const SWEEP_LIMIT = 50;

/**
 * Removes what {@link BlobRemovals} noted, a bounded number in a sweep. Each is looked at again until nobody
 * can add to it any more, so that files of a worker that was asleep go too. Resolves to how many blobs went.
 */
export function createRemovalSweep(deps: {
  db: Database;
  containers: Record<RemovalContainer, Pick<BlobContainer, 'list' | 'delete'>>;
  log: Logger;
}): () => Promise<number> {
  const removals = deps.db.model(BlobRemoval);
  const share = { $divide: [{ $subtract: ['$until', '$$NOW'] }, LOOKS] };
  const pause = { $min: [MAX_PAUSE_MS, { $max: [MIN_PAUSE_MS, share] }] };
  const later = { $add: ['$$NOW', { $toLong: pause }] };

  /** One that is due, and nobody else's until its pause is over. */
  const take = () =>
    removals
      .findOneAndUpdate({ $expr: { $lte: ['$dueAt', '$$NOW'] } }, [{ $set: { dueAt: later } }], {
        sort: { dueAt: 1 },
        updatePipeline: true,
      })
      .lean<BlobRemoval>();

  async function removeBlobs({ _id: id }: BlobRemoval): Promise<number> {
    const { container: name, prefix } = removalTarget(id);
    const container = deps.containers[name];
    // What is played goes first, so that playback ends however many files there are.
    const isMaster = (blob: string) => blob.endsWith(`/${hlsFiles.master}`);
    const masters = name === RemovalContainer.HLS ? await deletePrefix(container, prefix, isMaster) : 0;
    const files = masters + (await deletePrefix(container, prefix));
    if (files > 0) deps.log.info({ container: name, prefix, files }, 'blobs removed');
    return files;
  }

  return async () => {
    let removed = 0;
    for (let taken = 0; taken < SWEEP_LIMIT; taken += 1) {
      const removal = await take();
      if (!removal) break;
      removed += await removeBlobs(removal);
      const { _id } = removal;
      await removals.deleteOne({ _id, until: removal.until, $expr: { $lte: ['$until', '$$NOW'] } });
    }
    return removed;
  };
}
