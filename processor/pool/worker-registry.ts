import { hostname } from 'node:os';
import type { Database } from '../../platform/mongo.js';
import { DispatchControl } from '../../schema/dispatch-state.js';
import { isAlive, Worker, type ScalingDecision } from '../../schema/worker.js';

/** What a worker says of itself. */
export interface WorkerState {
  slots: number;
  busy: number;
  minSlots: number;
  maxSlots: number;
  decision?: ScalingDecision;
}

/** What an administrator has decided. */
export interface WorkerOrders {
  /** For this worker: to take nothing new. */
  isDraining: boolean;
  /** For all of them. */
  isPaused: boolean;
}

/** This processor among all that are alive. */
export interface WorkerRegistry {
  /** Says that this worker is alive, to be called more often than `leaseSeconds` apart, and reads its orders. */
  report(state: WorkerState): Promise<WorkerOrders>;
  /** Slots of all other live workers that take jobs: those they have, and those they may have. */
  others(): Promise<{ slots: number; maxSlots: number }>;
  leave(): Promise<void>;
}

export function createWorkerRegistry(deps: {
  db: Database;
  workerId: string;
  leaseSeconds: number;
}): WorkerRegistry {
  const workers = deps.db.model(Worker);
  const control = deps.db.model(DispatchControl);
  const _id = deps.workerId;
  const identity = { host: hostname(), pid: process.pid, startedAt: new Date() };
  const aliveUntil = { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: deps.leaseSeconds } };
  let wasDraining = false;
  let saying: Promise<unknown> = Promise.resolve();

  /** A worker that was silent for too long has lost its document, and with it what it was told. */
  const isDraining = () => {
    const told = wasDraining ? true : '$$REMOVE';
    return { $cond: [{ $eq: [{ $type: '$startedAt' }, 'missing'] }, told, '$isDraining'] };
  };

  async function say({ decision, ...state }: WorkerState): Promise<boolean> {
    const said = { ...identity, ...state, ...(decision && { decision: { $literal: decision } }) };
    const worker = await workers
      .findOneAndUpdate({ _id }, [{ $set: { ...said, aliveUntil, isDraining: isDraining() } }], {
        upsert: true,
        returnDocument: 'after',
        updatePipeline: true,
        projection: { isDraining: 1 },
      })
      .lean();
    return worker?.isDraining ?? false;
  }

  return {
    async report(state) {
      const said = say(state);
      saying = said.catch(() => undefined);
      const [draining, dispatch] = await Promise.all([said, control.findById('control').lean()]);
      wasDraining = draining;
      return { isDraining: draining, isPaused: dispatch?.isPaused ?? false };
    },
    async others() {
      const others = await workers
        .find({ _id: { $ne: _id }, isDraining: { $ne: true }, ...isAlive }, { slots: 1, maxSlots: 1 })
        .lean();
      return {
        slots: others.reduce((sum, { slots }) => sum + slots, 0),
        maxSlots: others.reduce((sum, { maxSlots }) => sum + maxSlots, 0),
      };
    },
    async leave() {
      // A report that is still under way would bring the worker back.
      await saying;
      await workers.deleteOne({ _id });
    },
  };
}
