import type { ClientSession } from 'mongoose';
import type { DeadLetters } from '../../platform/dead-letters.js';
import type { Generations } from '../../platform/generations.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { VideoStatus } from '../../schema/enums.js';
import { AppError, toAppError } from '../../schema/errors.js';
import type { Job, JobKind } from '../../schema/job.js';
import type { StopRequest } from '../../schema/messages.js';
import type { VideoTracker } from '../progress/video-tracker.js';
import { countFailures, countLosses, decideFailure, MAX_LOSSES } from './failure-policy.js';
import type { JobProgress, JobStore } from './job-store.js';
import { holdLease } from './lease.js';

/** What a handler gets besides its job. */
export interface JobContext {
  /** Aborted when the work must not go on: the claim is lost, the video stopped, or the process stops. */
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
  /** Ends what this process does for a generation that has ended. */
  stop(request: StopRequest): void;
  /**
   * Decides about a job whose worker was lost: back in the queue, or, where it was lost too often, FAILED
   * with its video. Returns whether it waits for a worker again.
   */
  recover(lost: Job): Promise<boolean>;
}

export function createJobRunner(deps: {
  db: Database;
  store: JobStore;
  queue: Pick<JobQueue, 'hint'>;
  tracker: Pick<VideoTracker, 'refresh'>;
  generations: Pick<Generations, 'end' | 'announceEnd'>;
  deadLetters: Pick<DeadLetters, 'addFailure'>;
  handlers: Record<JobKind, JobHandler>;
  /** Kinds whose failure is not their video's: what ends instead, in the transaction that fails the job. */
  failures: Partial<Record<JobKind, (job: Job, session: ClientSession) => Promise<void>>>;
  leaseSeconds: number;
  maxFailures: number;
  stopping: AbortSignal;
  counter: JobCounter;
  log: Logger;
}): JobRunner {
  const { db, store, tracker } = deps;
  const atWork = new Map<Job, AbortController>();

  async function run(job: Job): Promise<void> {
    const { _id: jobId, kind, videoId, attempt } = job;
    const log = deps.log.child({ jobId, kind, videoId, attempt, ...chunkFields(job) });
    const startedAt = performance.now();
    const lease = holdLease({ ...deps, job, log, onStored: () => tracker.refresh(job) });
    const stopped = new AbortController();
    const signal = AbortSignal.any([lease.signal, stopped.signal]);
    atWork.set(job, stopped);
    log.debug('job claimed');
    try {
      await deps.handlers[kind](job, { signal, report: lease.report, log });
      deps.counter.inc({ kind, result: 'done' });
      log.info({ durationMs: Math.round(performance.now() - startedAt) }, 'job done');
    } catch (thrown) {
      await end(job, abortReason(signal) ?? toAppError(thrown, 'INTERNAL'), log);
    } finally {
      atWork.delete(job);
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
    if (error.code === 'STOPPED') {
      log.info('stopped: the video has ended');
      return 'stopped';
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
      await failVideo(job, error, (session) => store.fail(job, error.code, session));
      return 'failed';
    }
    log.warn({ err: error, delayMs: decision.delayMs }, 'attempt failed; the job will be tried again');
    await store.release(job, { delayMs: decision.delayMs, outcome: 'FAILED', errorCode: error.code });
    return 'retried';
  }

  /** One transaction: the job, its video and what else there was to do for it, and the dead letter. */
  async function failVideo(
    job: Job,
    error: AppError,
    failJob: (session: ClientSession) => Promise<void>,
  ): Promise<void> {
    const { code, message, retryable } = error;
    const end = { status: VideoStatus.FAILED, error: { code, message, retryable } };
    const video = await db.transaction(async (session) => {
      await failJob(session);
      const endInstead = deps.failures[job.kind];
      if (endInstead) return void (await endInstead(job, session));
      const ended = await deps.generations.end(job, end, session);
      if (ended) await deps.deadLetters.addFailure(job, error, session);
      return ended;
    });
    if (video) await deps.generations.announceEnd(video);
  }

  return {
    run,

    stop({ videoId, generation }) {
      for (const [job, controller] of atWork) {
        if (job.videoId === videoId && job.generation === generation)
          controller.abort(new AppError('STOPPED'));
      }
    },

    async recover(lost) {
      const isPoison = countLosses(lost) + 1 >= MAX_LOSSES || countFailures(lost) + 1 >= deps.maxFailures;
      if (!isPoison) return store.takeBack(lost);
      try {
        await failVideo(lost, new AppError('WORKER_LOST'), (session) => store.failLost(lost, session));
        deps.counter.inc({ kind: lost.kind, result: 'failed' });
      } catch (error) {
        // Its worker came back in the last moment, or another process has decided.
        if (toAppError(error).code !== 'LEASE_LOST') throw error;
      }
      return false;
    },
  };
}

const chunkFields = ({ chunk }: Job) => (chunk ? { chunk: chunk.chunkIndex, part: chunk.part } : {});

const abortReason = (signal: AbortSignal): AppError | undefined =>
  signal.reason instanceof AppError ? signal.reason : undefined;
