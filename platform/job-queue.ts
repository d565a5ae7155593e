import type { ClientSession } from 'mongoose';
import { clockOf, DispatchClock, Flow } from '../schema/dispatch-state.js';
import type { Priority } from '../schema/enums.js';
import { newId } from '../schema/ids.js';
import {
  inLane,
  Job,
  JobKind,
  JobState,
  laneOf,
  type ChunkTask,
  type JobClass,
  type JobLane,
} from '../schema/job.js';
import { encodeDispatchHint, topics } from '../schema/messages.js';
import { chargeExpression, costByFlow, flowNames, ranksFrom, type RankRequest } from './fair-order.js';
import type { Publisher } from './kafka/publisher.js';
import type { Database } from './mongo.js';

/** The video and generation that jobs belong to. */
export interface JobOwner {
  videoId: string;
  organizationId: string;
  generation: number;
  priority: Priority;
}

export interface NewJob {
  kind: JobKind;
  /** WAITING: until another job's end queues it. */
  state: typeof JobState.QUEUED | typeof JobState.WAITING;
  jobClass: JobClass;
  /** Predicted time on one slot, seconds. */
  cost: number;
  /** Weighted pixels, of a chunk. */
  work?: number;
  chunk?: ChunkTask;
}

/** The one way work enters the queue: ranked in fair order, stored, then hinted. */
export interface JobQueue {
  /** Queues the first job of a generation, as part of the caller's transaction. Returns its id. */
  enqueuePlan(owner: JobOwner, session: ClientSession): Promise<string>;
  /** Queues the job that brings the source in before there can be a plan. Returns its id. */
  enqueueImport(owner: JobOwner, session: ClientSession): Promise<string>;
  /** Stores jobs of one lane as part of the caller's transaction. Returns the ids of those that are due. */
  enqueue(owner: JobOwner, jobs: readonly NewJob[], session: ClientSession): Promise<string[]>;
  /** Wakes processors for jobs that are stored and due. A lost hint only costs time. */
  hint(jobIds: readonly string[]): Promise<void>;
  /** Places what is left to do of a generation anew, in the flows of its owner's priority. */
  rerank(owner: JobOwner): Promise<void>;
  /** Place of the video's first queued job in the order of claims of its lane, from 1; undefined when none waits. */
  position(videoId: string): Promise<number | undefined>;
}

/** A plan reads a few megabytes and decides: cheap beside any encoding. */
const PLAN_COST_SECONDS = 0.5;

/** Imports take turns by their number: nobody knows how long one takes. */
const IMPORT_COST_SECONDS = 1;

/** One message wakes one free slot, and each slot that finds work wakes the next: more would be noise. */
const MAX_HINTS = 16;

/** Positions beyond this are not counted any further. */
const MAX_POSITION = 10_000;

/** Among equal ranks the more urgent flow goes first, then what was queued first. */
const tieBreak = ({ flow }: RankRequest, index: number): number => flowNames.indexOf(flow) * 1e6 + index;

/** Where a job stands in the order of claims. */
type Place = Pick<Job, 'rank' | 'seq'>;

const requestIn =
  (priority: Priority) =>
  ({ jobClass, cost }: Pick<Job, 'jobClass' | 'cost'>): RankRequest => ({
    flow: `${priority}_${jobClass}`,
    cost,
  });

export function createJobQueue(deps: { db: Database; publisher: Publisher }): JobQueue {
  const jobs = deps.db.model(Job);
  const flows = deps.db.model(Flow);
  const clock = deps.db.model(DispatchClock);

  /** Places at the end of the organization's flows in one lane. */
  async function reserve(
    organizationId: string,
    lane: JobLane,
    requests: readonly RankRequest[],
  ): Promise<Place[]> {
    const now = (await clock.findById(clockOf(lane)).lean())?.virtualTime ?? 0;
    const flow = await flows
      .findOneAndUpdate(
        { _id: lane === 'PROCESS' ? organizationId : `${organizationId}/${lane}` },
        [{ $set: { finish: chargeExpression(costByFlow(requests), now) } }],
        { upsert: true, returnDocument: 'after', updatePipeline: true },
      )
      .lean();
    const ranks = ranksFrom(flow.finish, requests);
    return requests.map((request, index) => ({ rank: ranks[index] ?? 0, seq: tieBreak(request, index) }));
  }

  async function enqueue(
    owner: JobOwner,
    added: readonly NewJob[],
    session: ClientSession,
  ): Promise<string[]> {
    // Outside the transaction on purpose: flows are shared by the organization, and a rank that is
    // reserved and not used harms nobody.
    const lane = laneOf(added[0]?.kind ?? JobKind.PLAN);
    const places = await reserve(owner.organizationId, lane, added.map(requestIn(owner.priority)));
    const documents = added.map((job, index) => ({
      _id: newId('job'),
      ...owner,
      ...job,
      ...places[index],
      attempt: 0,
      framesDone: 0,
      runs: [],
    }));
    await jobs.insertMany(documents, { session });
    return documents.filter(({ state }) => state === JobState.QUEUED).map(({ _id }) => _id);
  }

  async function enqueueFirst(
    owner: JobOwner,
    job: Pick<NewJob, 'kind' | 'cost'>,
    session: ClientSession,
  ): Promise<string> {
    const first: NewJob = { ...job, state: JobState.QUEUED, jobClass: 'URGENT' };
    const [jobId] = await enqueue(owner, [first], session);
    if (jobId === undefined) throw new Error('the first job was not stored');
    return jobId;
  }

  return {
    enqueue,

    enqueuePlan: (owner, session) =>
      enqueueFirst(owner, { kind: JobKind.PLAN, cost: PLAN_COST_SECONDS }, session),

    enqueueImport: (owner, session) =>
      enqueueFirst(owner, { kind: JobKind.IMPORT, cost: IMPORT_COST_SECONDS }, session),

    async rerank({ videoId, organizationId, generation, priority }) {
      const state = { $in: [JobState.QUEUED, JobState.WAITING] };
      const waiting = await jobs
        .find({ videoId, generation, state }, { kind: 1, jobClass: 1, cost: 1 })
        .sort({ rank: 1, seq: 1 })
        .lean();
      const lane = laneOf(waiting[0]?.kind ?? JobKind.PLAN);
      const places = await reserve(organizationId, lane, waiting.map(requestIn(priority)));
      const updates = waiting.map(({ _id }, index) => ({
        updateOne: { filter: { _id, state }, update: { $set: { priority, ...places[index] } } },
      }));
      if (updates.length > 0) await jobs.bulkWrite(updates);
      await jobs.updateMany({ videoId, generation }, { $set: { priority } });
    },

    async hint(jobIds) {
      const messages = jobIds.slice(0, MAX_HINTS).map((id) => ({ key: id, value: encodeDispatchHint(id) }));
      await deps.publisher.publish(topics.processing, messages);
    },

    async position(videoId) {
      const first = await jobs
        .findOne({ videoId, state: JobState.QUEUED }, { kind: 1, rank: 1, seq: 1 })
        .sort({ rank: 1, seq: 1 })
        .lean();
      if (!first) return undefined;
      const ahead = await jobs.countDocuments(
        {
          ...{ state: JobState.QUEUED, ...inLane(laneOf(first.kind)) },
          $or: [{ rank: { $lt: first.rank } }, { rank: first.rank, seq: { $lt: first.seq } }],
        },
        { limit: MAX_POSITION },
      );
      return ahead + 1;
    },
  };
}
