import type { ClientSession } from 'mongoose';
import { DispatchClock, Flow } from '../schema/dispatch-state.js';
import { newId } from '../schema/ids.js';
import { Job, jobClasses, JobKind, JobState, type ChunkTask, type JobClass } from '../schema/job.js';
import { encodeDispatchHint, topics } from '../schema/messages.js';
import { chargeExpression, costByClass, ranksFrom, type RankRequest } from './fair-order.js';
import type { Publisher } from './kafka.js';
import type { Database } from './mongo.js';

/** The video and generation that jobs belong to. */
export interface JobOwner {
  videoId: string;
  organizationId: string;
  generation: number;
}

export interface NewJob {
  kind: JobKind;
  /** WAITING: until another job's end queues it. */
  state: typeof JobState.QUEUED | typeof JobState.WAITING;
  jobClass: JobClass;
  /** Predicted work, seconds. */
  cost: number;
  chunk?: ChunkTask;
}

/** The one way work enters the queue: ranked in fair order, stored, then hinted. */
export interface JobQueue {
  /** Queues the first job of a generation, as part of the caller's transaction. Returns its id. */
  enqueuePlan(owner: JobOwner, session: ClientSession): Promise<string>;
  /** Stores jobs as part of the caller's transaction. Returns the ids of those that are due. */
  enqueue(owner: JobOwner, jobs: readonly NewJob[], session: ClientSession): Promise<string[]>;
  /** Wakes processors for jobs that are stored and due. A lost hint only costs time. */
  hint(jobIds: readonly string[]): Promise<void>;
  /** Place of the video's first queued job in the order of claims, from 1; undefined when none waits. */
  position(videoId: string): Promise<number | undefined>;
}

/** A plan reads a few megabytes and decides: cheap beside any encoding. */
const PLAN_COST_SECONDS = 0.5;

/** One message wakes one free slot, and each slot that finds work wakes the next: more would be noise. */
const MAX_HINTS = 16;

/** Positions beyond this are not counted any further. */
const MAX_POSITION = 10_000;

/** Among equal ranks the more urgent class goes first, then what was queued first. */
const tieBreak = (jobClass: JobClass, index: number): number => jobClasses.indexOf(jobClass) * 1e6 + index;

export function createJobQueue(deps: { db: Database; publisher: Publisher }): JobQueue {
  const jobs = deps.db.model(Job);
  const flows = deps.db.model(Flow);
  const clock = deps.db.model(DispatchClock);

  async function reserveRanks(organizationId: string, requests: readonly RankRequest[]): Promise<number[]> {
    const now = (await clock.findById('clock').lean())?.virtualTime ?? 0;
    const flow = await flows
      .findOneAndUpdate(
        { _id: organizationId },
        [{ $set: { finish: chargeExpression(costByClass(requests), now) } }],
        { upsert: true, returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    return ranksFrom(flow.finish, requests);
  }

  async function enqueue(
    owner: JobOwner,
    added: readonly NewJob[],
    session: ClientSession,
  ): Promise<string[]> {
    // Outside the transaction on purpose: flows are shared by the organization, and a rank that is
    // reserved and not used harms nobody.
    const ranks = await reserveRanks(owner.organizationId, added);
    const documents = added.map((job, index) => ({
      _id: newId('job'),
      ...owner,
      ...job,
      rank: ranks[index] ?? 0,
      seq: tieBreak(job.jobClass, index),
      attempt: 0,
      framesDone: 0,
      runs: [],
    }));
    await jobs.insertMany(documents, { session });
    return documents.filter(({ state }) => state === JobState.QUEUED).map(({ _id }) => _id);
  }

  return {
    enqueue,

    async enqueuePlan(owner, session) {
      const plan: NewJob = {
        kind: JobKind.PLAN,
        state: JobState.QUEUED,
        jobClass: 'URGENT',
        cost: PLAN_COST_SECONDS,
      };
      const [jobId] = await enqueue(owner, [plan], session);
      if (jobId === undefined) throw new Error('the plan job was not stored');
      return jobId;
    },

    async hint(jobIds) {
      const messages = jobIds.slice(0, MAX_HINTS).map((id) => ({ key: id, value: encodeDispatchHint(id) }));
      await deps.publisher.publish(topics.processing, messages);
    },

    async position(videoId) {
      const first = await jobs
        .findOne({ videoId, state: JobState.QUEUED }, { rank: 1, seq: 1 })
        .sort({ rank: 1, seq: 1 })
        .lean();
      if (!first) return undefined;
      const ahead = await jobs.countDocuments(
        {
          state: JobState.QUEUED,
          $or: [{ rank: { $lt: first.rank } }, { rank: first.rank, seq: { $lt: first.seq } }],
        },
        { limit: MAX_POSITION },
      );
      return ahead + 1;
    },
  };
}
