import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { MAX_TOKEN_SECONDS } from '../../platform/tokens.js';
import { encodeRevocation, topics } from '../../schema/messages.js';
import { PlaybackRevocation } from '../../schema/playback-revocation.js';
import { type Revocation, subjectOf } from '../../schema/revocation.js';

/** What may not be played any more: kept in the database, announced to streamers, until there is nothing left of it. */
export interface RevocationStore {
  /** Resolves to whether streamers were told: else the sweep does it. */
  add(what: Revocation): Promise<boolean>;
  /** Announces what has not been, and the end of what has expired; resolves to how many. */
  sweep(): Promise<number>;
  /** Announces everything again, for a Kafka that may have lost it. */
  announceAll(): Promise<void>;
}

/** Whoever announces is given this long before another one tries. */
const LEASE_MS = 10_000;
const SWEEP_LIMIT = 500;

export function createRevocationStore(deps: {
  db: Database;
  publisher: Pick<Publisher, 'publish'>;
  now?: () => number;
}): RevocationStore {
  const { publisher, now = Date.now } = deps;
  const revocations = deps.db.model(PlaybackRevocation);

  const take = (filter: object) =>
    revocations
      .findOneAndUpdate(
        { ...filter, publishAt: { $lte: new Date(now()) } },
        { $set: { publishAt: new Date(now() + LEASE_MS) } },
        { sort: { publishAt: 1 }, returnDocument: 'after' },
      )
      .lean<PlaybackRevocation & { updatedAt: Date }>();

  /** Whether there was something to announce, and it was. */
  async function announceNext(filter: object = {}): Promise<boolean> {
    const next = await take(filter);
    if (!next) return false;
    const { _id: key, what, expiresAt, updatedAt } = next;
    const isOver = expiresAt.getTime() <= now();
    const value = isOver ? null : encodeRevocation(what);
    if (!(await publisher.publish(topics.revocations, [{ key, value }]))) return false;
    // Where it was renewed meanwhile, it is due again.
    const unchanged = { _id: key, updatedAt };
    if (isOver) await revocations.deleteOne(unchanged);
    else await revocations.updateOne(unchanged, { $set: { publishAt: expiresAt } }, { timestamps: false });
    return true;
  }

  return {
    async add(what) {
      const expiresAt = new Date(now() + MAX_TOKEN_SECONDS * 1000);
      const _id = subjectOf(what);
      await revocations.updateOne(
        { _id },
        { $set: { what, expiresAt, publishAt: new Date(now()) } },
        { upsert: true },
      );
      return announceNext({ _id });
    },

    async sweep() {
      let announced = 0;
      while (announced < SWEEP_LIMIT && (await announceNext())) announced += 1;
      return announced;
    },

    async announceAll() {
      await revocations.updateMany({}, { $set: { publishAt: new Date(now()) } }, { timestamps: false });
    },
  };
}
