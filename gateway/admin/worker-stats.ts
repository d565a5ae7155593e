import type { Job } from '../../schema/job.js';
import type { Worker } from '../../schema/worker.js';
import type { ConsumerStats, WorkerDecision, WorkerJob, WorkerStats } from './worker-types.js';

/** A claimed job, as far as it is read here. */
export type ClaimedJob = Pick<
  Job,
  '_id' | 'videoId' | 'kind' | 'attempt' | 'workerId' | 'framesDone' | 'framesPerSecond' | 'chunk'
> & { runs: Pick<Job['runs'][number], 'startedAt'>[] };

/** Scaling decisions that are shown. */
const MAX_DECISIONS = 20;

/** Share of the frames that are done, 0–100; null where frames say nothing. */
export function percentOf({ framesDone, chunk }: Pick<Job, 'framesDone' | 'chunk'>): number | null {
  if (!chunk || chunk.frames <= 0) return null;
  return Math.min(100, (100 * framesDone) / chunk.frames);
}

/** A worker with the jobs it is at. One of an older version reports neither its bounds nor decisions. */
export function workerStats(worker: Worker, jobs: readonly ClaimedJob[]): WorkerStats {
  const { _id: id, host, pid, startedAt, slots, busy, isDraining, decision } = worker;
  const { minSlots = slots, maxSlots = slots } = worker as Partial<Worker>;
  return {
    ...{ id, host, pid, startedAt, consumers: slots, busy, min: minSlots, max: maxSlots },
    draining: isDraining ?? false,
    lastDecision: decision
      ? { workerId: id, host, at: decision.at, from: decision.from, to: decision.to, reason: decision.reason }
      : null,
    jobs: jobs.map(workerJob),
  };
}

function workerJob(job: ClaimedJob): WorkerJob {
  const { _id: jobId, videoId, kind, attempt, chunk, runs } = job;
  return {
    ...{ jobId, videoId, kind, attempt },
    chunkIndex: chunk?.chunkIndex ?? null,
    part: chunk?.part ?? null,
    percent: percentOf(job),
    framesPerSecond: job.framesPerSecond ?? null,
    startedAt: runs.at(-1)?.startedAt ?? null,
  };
}

/** The consumers of these workers together. */
export function consumerStats(workers: readonly WorkerStats[]): ConsumerStats {
  const sum = (count: (worker: WorkerStats) => number) =>
    workers.reduce((total, worker) => total + count(worker), 0);
  const lastDecisions = workers
    .flatMap(({ lastDecision }): WorkerDecision[] => (lastDecision ? [lastDecision] : []))
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, MAX_DECISIONS);
  return {
    active: sum(({ consumers }) => consumers),
    busy: sum(({ busy }) => busy),
    min: sum(({ min }) => min),
    max: sum(({ max }) => max),
    lastDecision: lastDecisions[0] ?? null,
    lastDecisions,
  };
}
