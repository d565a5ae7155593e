import type { Database } from '../../platform/mongo.js';
import { Job, JobState } from '../../schema/job.js';
import { isAlive, Worker } from '../../schema/worker.js';
import { type ClaimedJob, workerStats } from './worker-stats.js';
import type { WorkerStats } from './worker-types.js';

/** Processors that are alive, by the database's clock. */
export interface WorkerStatsStore {
  /** All of them with what they are at, the longest running first. */
  list(): Promise<WorkerStats[]>;
  isAnyAlive(): Promise<boolean>;
  /** Asks one to end what it has and take nothing new, or to go on; undefined where it is not alive. */
  drain(id: string, isDraining: boolean): Promise<WorkerStats | undefined>;
}

/** No installation has more. */
const MAX_WORKERS = 10_000;
const MAX_JOBS = 20_000;

const jobFields = {
  ...{ videoId: 1, kind: 1, attempt: 1, workerId: 1, framesDone: 1, framesPerSecond: 1 },
  ...{ 'chunk.chunkIndex': 1, 'chunk.part': 1, 'chunk.frames': 1, 'runs.startedAt': 1 },
};

export function createWorkerStatsStore(deps: { db: Database; maxTimeMs: number }): WorkerStatsStore {
  const workers = deps.db.model(Worker);
  const jobs = deps.db.model(Job);

  const claimed = (filter: { workerId?: string } = {}): Promise<ClaimedJob[]> =>
    jobs
      .find({ ...filter, state: JobState.CLAIMED }, jobFields)
      .hint({ leaseUntil: 1 })
      .limit(MAX_JOBS)
      .maxTimeMS(deps.maxTimeMs)
      .lean<ClaimedJob[]>();

  return {
    async list() {
      const [alive, atWork] = await Promise.all([
        workers.find(isAlive).limit(MAX_WORKERS).maxTimeMS(deps.maxTimeMs).lean<Worker[]>(),
        claimed(),
      ]);
      const byWorker = Map.groupBy(atWork, ({ workerId }) => workerId);
      return alive
        .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
        .map((worker) => workerStats(worker, byWorker.get(worker._id) ?? []));
    },

    async isAnyAlive() {
      return (await workers.exists(isAlive)) !== null;
    },

    async drain(id, isDraining) {
      const worker = await workers
        .findOneAndUpdate({ _id: id, ...isAlive }, { $set: { isDraining } }, { returnDocument: 'after' })
        .lean<Worker>();
      return worker ? workerStats(worker, await claimed({ workerId: id })) : undefined;
    },
  };
}
