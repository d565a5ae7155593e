import type { Database } from '../../../platform/mongo.js';
import { isDuplicateKey } from '../../../platform/mongo-driver.js';
import { UploadLock } from '../../../schema/upload-lock.js';

/** Locks that all gateways share. Times are the database's. */
export interface LockStore {
  /** The epoch of the new hold; undefined while somebody else has it, who is then told that it is wanted. */
  take(id: string, holder: string): Promise<number | undefined>;
  /** `lost` where somebody else has taken it over. */
  renew(id: string, holder: string): Promise<'kept' | 'wanted' | 'lost'>;
  release(id: string, holder: string): Promise<void>;
}

/** @param deps.leaseMs how long a hold lasts without being renewed, milliseconds */
export function createLockStore(deps: { db: Database; leaseMs: number }): LockStore {
  const locks = deps.db.model(UploadLock);
  const leaseEnd = { $add: ['$$NOW', deps.leaseMs] };

  /** A hold that was given back is over; one that ran out may still be in the middle of something. */
  const taken = (holder: string): object => ({
    epoch: { $add: ['$epoch', { $cond: [{ $eq: ['$holder', null] }, 0, 1] }] },
    holder: { $literal: holder },
    until: leaseEnd,
    wanted: false,
  });

  async function create(id: string, holder: string): Promise<number | undefined> {
    try {
      await locks.create({ _id: id, holder, epoch: 0, until: new Date(Date.now() + deps.leaseMs) });
      return 0;
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  return {
    async take(id, holder) {
      const free = { _id: id, $or: [{ holder: null }, { $expr: { $lt: ['$until', '$$NOW'] } }] };
      const lock = await locks
        .findOneAndUpdate(free, [{ $set: taken(holder) }], { updatePipeline: true, returnDocument: 'after' })
        .lean<UploadLock>();
      if (lock) return lock.epoch;
      const { matchedCount } = await locks.updateOne({ _id: id }, { $set: { wanted: true } });
      return matchedCount === 0 ? create(id, holder) : undefined;
    },

    async renew(id, holder) {
      const lock = await locks
        .findOneAndUpdate({ _id: id, holder }, [{ $set: { until: leaseEnd } }], { updatePipeline: true })
        .lean<UploadLock>();
      if (!lock) return 'lost';
      return lock.wanted ? 'wanted' : 'kept';
    },

    async release(id, holder) {
      await locks.updateOne({ _id: id, holder }, { $set: { holder: null, wanted: false } });
    },
  };
}
