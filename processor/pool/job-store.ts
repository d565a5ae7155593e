import { inLane, Job, JobKind, JobState, laneOf, type JobLane } from '../../schema/job.js';
import { clockOf, DispatchClock } from '../../schema/dispatch-state.js';
import { AppError } from '../../schema/errors.js';
import type { ErrorCode } from '../../schema/errors.js';
import type { ClientSession } from 'mongoose';
import { endLastRun, idle } from '../../platform/job-runs.js';
import type { Database } from '../../platform/mongo.js';

/** How far the running attempt of a job is. */
export interface JobProgress {
  framesDone: number;
  framesPerSecond: number;
}

export interface ClaimOptions {
  lane: JobLane;
  /** Whether it may be a job that has lost a worker. */
  withSuspects: boolean;
}

/** What names one claim: a write fenced with it changes nothing once the claim is lost. */
export type Claim = Pick<Job, '_id' | 'attempt'>;

/** How a claim ended without being done. */
export type UnfinishedOutcome = 'RELEASED' | 'FAILED';

/**
 * The queue's truth. Times are the server's (`$$NOW`), so that the clocks of workers do not matter;
 * every write by a worker is fenced with its claim.
 */
export interface JobStore {
  /** Takes the best due job of a lane, or none; without suspects, the best that never lost a worker. */
  claim(workerId: string, options?: ClaimOptions): Promise<Job | undefined>;
  /** Prolongs the lease and stores how far the work is; false when the claim is lost. */
  renew(claim: Claim, progress?: JobProgress): Promise<boolean>;
  /** Ends a claim as DONE within the caller's transaction. @throws AppError LEASE_LOST */
  complete(claim: Claim, result: Job['result'] | undefined, session: ClientSession): Promise<void>;
  /** Gives a claim up: due again after `delayMs`. False when the claim was lost already. */
  release(
    claim: Claim,
    options: { delayMs: number; outcome: UnfinishedOutcome; errorCode?: ErrorCode },
  ): Promise<boolean>;
  /** Ends a claim as FAILED within the caller's transaction. @throws AppError LEASE_LOST */
  fail(claim: Claim, errorCode: ErrorCode, session: ClientSession): Promise<void>;
  /** Whether this very claim ended as DONE: its worker may not have heard the answer. */
  isDone(claim: Claim): Promise<boolean>;
  /** Queues the FINISH job of a generation. Returns its id, or undefined where it does not wait. */
  queueFinish(videoId: string, generation: number, session: ClientSession): Promise<string | undefined>;
  /** Claims whose lease ran out, at most `limit`. */
  expired(limit: number): Promise<Job[]>;
  /** Puts such a claim back in the queue; false where somebody else did, or its worker came back. */
  takeBack(lost: Job): Promise<boolean>;
  /** Ends such a claim as FAILED within the caller's transaction. @throws AppError LEASE_LOST, as `takeBack` */
  failLost(lost: Job, session: ClientSession): Promise<void>;
  /** Queues what was to wait until now; returns how many. */
  promoteDue(): Promise<number>;
  /** Ids of the next jobs in line, at most `limit`. */
  due(limit: number): Promise<string[]>;
  /** Jobs that are due, without those in work. */
  depth(): Promise<number>;
}

/** Runs kept in a job's timeline. */
const MAX_RUNS = 20;

export function createJobStore(deps: { db: Database; leaseSeconds: number }): JobStore {
  const jobs = deps.db.model(Job);
  const clock = deps.db.model(DispatchClock);
  const leaseUntil = { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: deps.leaseSeconds } };
  const held = ({ _id, attempt }: Claim) => ({ _id, state: JobState.CLAIMED, attempt });
  const lapsed = (job: Job) => ({ ...held(job), leaseUntil: job.leaseUntil });

  async function endClaim(claim: object, set: object, session: ClientSession): Promise<void> {
    const { matchedCount } = await jobs.updateOne(claim, [{ $set: set }], { session, updatePipeline: true });
    if (matchedCount === 0) throw new AppError('LEASE_LOST');
  }

  return {
    async claim(workerId, { lane, withSuspects } = { lane: 'PROCESS', withSuspects: true }) {
      const run = { attempt: { $add: ['$attempt', 1] }, workerId, startedAt: '$$NOW' };
      const job = await jobs
        .findOneAndUpdate(
          {
            ...{ state: JobState.QUEUED, ...inLane(lane) },
            ...(withSuspects ? {} : { 'runs.outcome': { $ne: 'LOST' } }),
          },
          [
            {
              $set: {
                state: JobState.CLAIMED,
                workerId,
                leaseUntil,
                attempt: { $add: ['$attempt', 1] },
                framesDone: 0,
                runs: { $slice: [{ $concatArrays: ['$runs', [run]] }, -MAX_RUNS] },
              },
            },
          ],
          { sort: { rank: 1, seq: 1 }, returnDocument: 'after', updatePipeline: true },
        )
        .lean();
      if (!job) return undefined;
      await clock.updateOne(
        { _id: clockOf(laneOf(job.kind)) },
        { $max: { virtualTime: job.rank } },
        { upsert: true },
      );
      return job;
    },

    async renew(claim, progress = undefined) {
      const { matchedCount } = await jobs.updateOne(held(claim), [{ $set: { leaseUntil, ...progress } }], {
        updatePipeline: true,
      });
      return matchedCount === 1;
    },

    complete: (claim, result, session) =>
      endClaim(
        held(claim),
        {
          state: JobState.DONE,
          runs: endLastRun('DONE'),
          framesPerSecond: '$$REMOVE',
          leaseUntil: '$$REMOVE',
          ...(result && { result: { $literal: result } }),
        },
        session,
      ),

    async release(claim, { delayMs, outcome, errorCode }) {
      const availableAt = { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: delayMs } };
      const { matchedCount } = await jobs.updateOne(
        held(claim),
        [
          {
            $set: {
              ...(delayMs > 0 ? { state: JobState.WAITING, availableAt } : { state: JobState.QUEUED }),
              runs: endLastRun(outcome, errorCode),
              ...(outcome === 'FAILED' && { retriedAt: '$$NOW' }),
              ...idle,
            },
          },
        ],
        { updatePipeline: true },
      );
      return matchedCount === 1;
    },

    fail: (claim, errorCode, session) =>
      endClaim(
        held(claim),
        { state: JobState.FAILED, runs: endLastRun('FAILED', errorCode), ...idle },
        session,
      ),

    async isDone({ _id, attempt }) {
      return (await jobs.exists({ _id, state: JobState.DONE, attempt })) !== null;
    },

    async queueFinish(videoId, generation, session) {
      const finish = await jobs
        .findOneAndUpdate(
          { videoId, generation, kind: JobKind.FINISH, state: JobState.WAITING },
          { $set: { state: JobState.QUEUED } },
          { session, returnDocument: 'after' },
        )
        .lean();
      return finish?._id;
    },

    expired: (limit) =>
      jobs
        .find({ state: JobState.CLAIMED, $expr: { $lt: ['$leaseUntil', '$$NOW'] } })
        .hint({ leaseUntil: 1 })
        .limit(limit)
        .lean(),

    async takeBack(lost) {
      const set = {
        ...{ state: JobState.QUEUED, retriedAt: '$$NOW', runs: endLastRun('LOST', 'WORKER_LOST') },
        ...idle,
      };
      const { matchedCount } = await jobs.updateOne(lapsed(lost), [{ $set: set }], { updatePipeline: true });
      return matchedCount === 1;
    },

    failLost: (lost, session) =>
      endClaim(
        lapsed(lost),
        { state: JobState.FAILED, runs: endLastRun('LOST', 'WORKER_LOST'), ...idle },
        session,
      ),

    async promoteDue() {
      const { modifiedCount } = await jobs.updateMany(
        { state: JobState.WAITING, availableAt: { $ne: null }, $expr: { $lte: ['$availableAt', '$$NOW'] } },
        { $set: { state: JobState.QUEUED }, $unset: { availableAt: 1 } },
      );
      return modifiedCount;
    },

    async due(limit) {
      const next = await jobs
        .find({ state: JobState.QUEUED }, { _id: 1 })
        .sort({ rank: 1, seq: 1 })
        .limit(limit)
        .lean();
      return next.map(({ _id }) => _id);
    },

    depth: () => jobs.countDocuments({ state: JobState.QUEUED }),
  };
}
