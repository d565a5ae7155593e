import { AppError, toAppError } from '../../schema/errors.js';
import type { Job, JobKind } from '../../schema/job.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import type { VideoTracker } from '../progress/video-tracker.js';
import { countFailures, decideFailure } from './failure-policy.js';
import type { JobProgress, JobStore } from './job-store.js';
import { holdLease } from './lease.js';

/** What a handler gets besides its job. */
export interface JobContext {
  /** Aborted when the work must not go on: the claim is lost, or the process stops. */
  signal: AbortSignal;
  report: (progress: JobProgress) => void;
  log: Logger;
}

/**
 * Does one job, and ends its claim in the same transaction that stores what follows from it. Throws
 * AppErrors; may run again after any of them.
 */
export type JobHandler = (job: Job, context: JobContext) => Promise<void>;

/** How often jobs ended, by kind and result. */
export interface JobCounter {
  inc(labels: { kind: JobKind; result: string }): void;
}

export interface JobRunner {
  /** Works on a claimed job to its end; never rejects. */
  run(job: Job): Promise<void>;
  /** Decides about a job whose worker was lost. */
  lost(job: Job): Promise<void>;
}

export function createJobRunner(deps: {
  db: Database;
  store: JobStore;
  queue: Pick<JobQueue, 'hint'>;
  tracker: VideoTracker;
  handlers: Record<JobKind, JobHandler>;
  leaseSeconds: number;
  maxFailures: number;
  stopping: AbortSignal;
  counter: JobCounter;
  log: Logger;
}): JobRunner {
  const { db, store, tracker } = deps;

  async function run(job: Job): Promise<void> {
    const { _id: jobId, kind, videoId, attempt } = job;
    const log = deps.log.child({ jobId, kind, videoId, attempt, ...chunkFields(job) });
    const startedAt = performance.now();
    const lease = holdLease({ ...deps, job, log, onStored: () => tracker.refresh(job) });
    log.debug('job claimed');
    try {
      await deps.handlers[kind](job, { signal: lease.signal, report: lease.report, log });
      deps.counter.inc({ kind, result: 'done' });
      log.info({ durationMs: Math.round(performance.now() - startedAt) }, 'job done');
    } catch (thrown) {
      await end(job, abortReason(lease.signal) ?? toAppError(thrown, 'INTERNAL'), log);
    } finally {
      await lease.stop();
    }
  }

  async function end(job: Job, error: AppError, log: Logger): Promise<void> {
    try {
      const result = await settle(job, error, log);
      deps.counter.inc({ kind: job.kind, result });
    } catch (err) {
      // The lease runs out, and the sweeper of any process takes the job back.
      log.warn({ err, cause: error }, 'the end of the attempt could not be stored');
    }
  }

  async function settle(job: Job, error: AppError, log: Logger): Promise<string> {
    if (error.code === 'LEASE_LOST') {
      log.warn('lease lost; the result was dropped');
      return 'lost';
    }
    if (deps.stopping.aborted) {
      await store.release(job, { delayMs: 0, outcome: 'RELEASED' });
      await deps.queue.hint([job._id]);
      log.info('job handed back');
      return 'released';
    }
    const decision = decideFailure({
      error,
      failures: countFailures(job) + 1,
      maxFailures: deps.maxFailures,
      random: Math.random(),
    });
    if (decision.action === 'fail') {
      log.warn({ err: error }, 'job failed');
      await failVideo(job, error, true);
      return 'failed';
    }
    log.warn({ err: error, delayMs: decision.delayMs }, 'attempt failed; the job will be tried again');
    await store.release(job, { delayMs: decision.delayMs, outcome: 'FAILED', errorCode: error.code });
    return 'retried';
  }

  async function failVideo(job: Job, error: AppError, claimed: boolean): Promise<void> {
    const video = await db.transaction(async (session) => {
      if (claimed) await store.fail(job, error.code, session);
      await store.cancelAll(job.videoId, job.generation, session);
      return tracker.failed(job, error, session);
    });
    await tracker.publish(video);
  }

  return {
    run,
    async lost(job) {
      if (countFailures(job) + 1 < deps.maxFailures) return;
      await failVideo(job, new AppError('WORKER_LOST'), false);
    },
  };
}

const chunkFields = ({ chunk }: Job) => (chunk ? { chunk: chunk.chunkIndex, part: chunk.part } : {});

const abortReason = (signal: AbortSignal): AppError | undefined =>
  signal.reason instanceof AppError ? signal.reason : undefined;
