import { describe, expect, it } from '@jest/globals';
import type { Database } from '../../platform/mongo.js';
import { createWorkerRegistry, type WorkerRegistry } from '../../processor/pool/worker-registry.js';
import { DispatchControl } from '../../schema/dispatch-state.js';
import { Worker } from '../../schema/worker.js';
import { withTestDatabase } from '../support/test-database.js';

interface Fixture {
  db: Database;
  own: WorkerRegistry;
  other: WorkerRegistry;
}

const withRegistries = (work: (fixture: Fixture) => Promise<void>) =>
  withTestDatabase([Worker], (db) => {
    const registryOf = (workerId: string) => createWorkerRegistry({ db, workerId, leaseSeconds: 30 });
    return work({ db, own: registryOf('worker_own'), other: registryOf('worker_other') });
  });

const state = { slots: 2, busy: 1, minSlots: 1, maxSlots: 8 };
const obey = { isDraining: false, isPaused: false };
const drain = { $set: { isDraining: true } };

describe('the worker registry', () => {
  it('says who works where, with how many slots and why', () =>
    withRegistries(async ({ db, own }) => {
      expect(await own.report(state)).toEqual(obey);
      const decision = { at: new Date(0), from: 1, to: 2, reason: '$busy → 2' };
      await own.report({ ...state, busy: 2, decision });
      const [worker, ...others] = await db.model(Worker).find().lean();
      expect(others).toEqual([]);
      expect(worker).toMatchObject({ _id: 'worker_own', pid: process.pid, ...state, busy: 2, decision });
      expect(worker?.aliveUntil.getTime()).toBeGreaterThan(Date.now());
      const late = own.report(state);
      await own.leave();
      await late;
      expect(await db.model(Worker).countDocuments()).toBe(0);
    }));

  it('reads with each report whether this worker drains, and whether all of them pause', () =>
    withRegistries(async ({ db, own, other }) => {
      await Promise.all([own.report(state), other.report(state)]);
      await db.model(Worker).updateOne({ _id: 'worker_own' }, drain);
      expect(await own.report(state)).toEqual({ isDraining: true, isPaused: false });
      expect(await other.report(state)).toEqual(obey);
      await db.model(DispatchControl).create({ _id: 'control', isPaused: true, changedAt: new Date() });
      expect(await other.report(state)).toEqual({ isDraining: false, isPaused: true });
      await db.model(Worker).updateOne({ _id: 'worker_own' }, { $unset: { isDraining: 1 } });
      await db.model(DispatchControl).updateOne({ _id: 'control' }, { $set: { isPaused: false } });
      expect(await own.report(state)).toEqual(obey);
    }));

  it('keeps what a worker is and was told, though it was silent until its document expired', () =>
    withRegistries(async ({ db, own }) => {
      const workers = db.model(Worker);
      await own.report(state);
      const before = await workers.findById('worker_own').lean();
      await workers.updateOne({ _id: 'worker_own' }, drain);
      await own.report(state);
      await workers.deleteOne({ _id: 'worker_own' });
      expect(await own.report(state)).toMatchObject({ isDraining: true });
      const after = await workers.findById('worker_own').lean();
      expect(after).toEqual({ ...before, isDraining: true, aliveUntil: after?.aliveUntil });
    }));

  it('counts the slots of others that live and take jobs', () =>
    withRegistries(async ({ db, own, other }) => {
      await own.report(state);
      expect(await own.others()).toEqual({ slots: 0, maxSlots: 0 });
      await other.report({ ...state, slots: 3 });
      expect(await own.others()).toEqual({ slots: 3, maxSlots: 8 });
      await db.model(Worker).updateOne({ _id: 'worker_other' }, drain);
      expect(await own.others()).toEqual({ slots: 0, maxSlots: 0 });
      const lapsed = { $set: { aliveUntil: new Date(0), isDraining: false } };
      await db.model(Worker).updateOne({ _id: 'worker_other' }, lapsed);
      expect(await own.others()).toEqual({ slots: 0, maxSlots: 0 });
    }));
});
