import { hostname } from 'node:os';
import type { Database } from '../../platform/mongo.js';
import { Worker } from '../../schema/worker.js';

/** This processor among all that are alive. */
export interface WorkerRegistry {
  /** Says that this worker is alive; to be called more often than `leaseSeconds` apart. */
  report(state: { slots: number; busy: number }): Promise<void>;
  /** Slots of all workers that are alive; at least this process's own. */
  slotsAlive(ownSlots: number): Promise<number>;
  leave(): Promise<void>;
}

export function createWorkerRegistry(deps: {
  db: Database;
  workerId: string;
  leaseSeconds: number;
}): WorkerRegistry {
  const workers = deps.db.model(Worker);
  const _id = deps.workerId;
  const identity = { host: hostname(), pid: process.pid, startedAt: new Date() };
  const aliveUntil = { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: deps.leaseSeconds } };

  return {
    async report(state) {
      await workers.updateOne({ _id }, [{ $set: { ...identity, ...state, aliveUntil } }], {
        upsert: true,
        updatePipeline: true,
      });
    },
    async slotsAlive(ownSlots) {
      const others = await workers
        .find({ _id: { $ne: _id }, $expr: { $gt: ['$aliveUntil', '$$NOW'] } }, { slots: 1 })
        .lean();
      return others.reduce((sum, { slots }) => sum + slots, ownSlots);
    },
    async leave() {
      await workers.deleteOne({ _id });
    },
  };
}
