import { describe, expect, it } from '@jest/globals';
import { createLockStore } from '../../gateway/uploads/tus/lock-store.js';
import { createUploadLocker } from '../../gateway/uploads/tus/upload-locker.js';
import type { Database } from '../../platform/mongo.js';
import { UploadLock } from '../../schema/upload-lock.js';
import { quietLog, withTestDatabase } from '../support/test-database.js';

const LEASE_MS = 1_500;
const forever = new AbortController().signal;
const nothing = () => undefined;

/** The locker of one gateway. */
const lockerOn = (db: Database, waitMs?: number) =>
  createUploadLocker({
    store: createLockStore({ db, leaseMs: LEASE_MS }),
    log: quietLog,
    leaseMs: LEASE_MS,
    waitMs,
  });

describe('locks of uploads', () => {
  it('go from one gateway to another that asks for them', () =>
    withTestDatabase([UploadLock], async (db) => {
      const [first, second] = [lockerOn(db), lockerOn(db)];
      const lock = first.newLock('a');
      const { promise: asked, resolve } = Promise.withResolvers<void>();
      await lock.lock(forever, resolve);
      const other = second.newLock('a');
      const taken = other.lock(forever, nothing);
      await asked;
      expect(second.held('a')).toBeUndefined();
      await lock.unlock();
      await taken;
      // Given back in good order: nobody can still be writing.
      expect([first.held('a'), second.held('a')?.epoch]).toEqual([undefined, 0]);
      await other.unlock();
    }));

  it('are one at a time, however many want them', () =>
    withTestDatabase([UploadLock], async (db) => {
      const lockers = [lockerOn(db), lockerOn(db), lockerOn(db)];
      let inside = 0;
      let most = 0;
      const enter = async () => {
        most = Math.max(most, (inside += 1));
        await new Promise(setImmediate);
        inside -= 1;
      };
      await Promise.all(Array.from({ length: 12 }, async (_, n) => lockers[n % 3]?.with('b', enter)));
      expect([most, inside]).toEqual([1, 0]);
    }));

  it('lapse with the gateway that has them, and tell it so where it lives', () =>
    withTestDatabase([UploadLock], async (db) => {
      const [first, second] = [lockerOn(db), lockerOn(db)];
      const lock = first.newLock('c');
      await lock.lock(forever, nothing);
      const lost = first.held('c')?.lost;
      const isLost = new Promise((resolve) => lost?.addEventListener('abort', resolve));
      // As if it had not renewed for too long.
      await db.model(UploadLock).updateOne({ _id: 'c' }, { $set: { until: new Date(0) } });
      const epoch = await second.tryWith('c', () => Promise.resolve(second.held('c')?.epoch));
      // Its renewal may have come between; then it still has it, and nothing lapsed.
      if (epoch === undefined) return;
      expect(epoch).toBe(1);
      await isLost;
      await lock.unlock();
    }));

  it('are not waited for without end', () =>
    withTestDatabase([UploadLock], async (db) => {
      const [first, second] = [lockerOn(db), lockerOn(db, 0)];
      const lock = first.newLock('d');
      await lock.lock(forever, nothing);
      await expect(second.newLock('d').lock(forever, nothing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      const gone = lockerOn(db).newLock('d').lock(AbortSignal.timeout(50), nothing);
      await expect(gone).rejects.toMatchObject({ code: 'UPLOAD_ABORTED' });
      expect(await second.tryWith('d', () => Promise.resolve('never'))).toBeUndefined();
      await lock.unlock();
      expect(await second.tryWith('d', () => Promise.resolve('now'))).toBe('now');
    }));
});
