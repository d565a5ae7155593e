import type { PipelineStage } from 'mongoose';
import { DispatchControl } from '../schema/dispatch-state.js';
import { inLane, Job, JobKind, JobState } from '../schema/job.js';
import { isAlive, Worker } from '../schema/worker.js';
import { cached } from './cached.js';
import type { Database } from './mongo.js';
import type { SpeedStore } from './work-speed.js';

/** What waits in the whole installation. */
export interface QueuedWork {
  jobs: number;
  /** Of the classes URGENT and LEAD: somebody may be waiting to watch. */
  urgentJobs: number;
  /** Predicted time of all of them on one slot, by the speed measured lately. */
  seconds: number;
}

/** How much there is to do for slots that encode. All answers may be a second old. */
export interface WorkForecast {
  queued(): Promise<QueuedWork>;
  /**
   * Seconds until a video is done that has chunks in the queue, with the slots there are now; undefined
   * where nobody can tell: nothing is queued, it is not planned yet, no worker is alive or works.
   */
  secondsLeft(videoId: string): Promise<number | undefined>;
}

const FRESH = { maxAgeMs: 1_000 };

/** Jobs that are looked at, the first in the order of claims; the others are taken to be like them. */
const MAX_JOBS = 10_000;

interface Totals {
  jobs: number;
  urgentJobs: number;
  /** Weighted pixels of the jobs that have them, and the predicted seconds of those that have none. */
  work: number;
  unmeasured: number;
  /** Predicted seconds of all, as they were when the jobs were queued. */
  cost: number;
}

const nothing: Totals = { jobs: 0, urgentJobs: 0, work: 0, unmeasured: 0, cost: 0 };

/** Share of a running job that is still to be done. */
const shareLeft = {
  $max: [0, { $subtract: [1, { $divide: ['$framesDone', { $ifNull: ['$chunk.frames', Infinity] }] }] }],
};

const totalsOf = (share: object | number): PipelineStage.Group['$group'] => ({
  _id: null,
  jobs: { $sum: 1 },
  urgentJobs: { $sum: { $cond: [{ $eq: ['$jobClass', 'REST'] }, 0, 1] } },
  work: { $sum: { $multiply: [{ $ifNull: ['$work', 0] }, share] } },
  unmeasured: { $sum: { $cond: [{ $gt: ['$work', 0] }, 0, { $multiply: ['$cost', share] }] } },
  cost: { $sum: { $multiply: ['$cost', share] } },
});

const secondsOf = ({ work, unmeasured, cost }: Totals, pixelsPerSecond: number | undefined): number =>
  pixelsPerSecond ? work / pixelsPerSecond + unmeasured : cost;

export function createWorkForecast(deps: {
  db: Database;
  speed: Pick<SpeedStore, 'measured'>;
}): WorkForecast {
  const jobs = deps.db.model(Job);
  const workers = deps.db.model(Worker);
  const control = deps.db.model(DispatchControl);

  /** Of the first jobs in line, of those that `filter` names. */
  async function inLine(filter: object = {}): Promise<Totals> {
    const [totals] = await jobs.aggregate<Totals>([
      { $match: { state: JobState.QUEUED, ...inLane('PROCESS'), ...filter } },
      { $sort: { rank: 1, seq: 1 } },
      { $limit: MAX_JOBS },
      { $group: totalsOf(1) },
    ]);
    return totals ?? nothing;
  }

  async function running(): Promise<Totals> {
    const claimed = { state: JobState.CLAIMED, ...inLane('PROCESS') };
    const pipeline = [{ $match: claimed }, { $group: totalsOf(shareLeft) }];
    const [totals] = await jobs.aggregate<Totals>(pipeline).hint({ leaseUntil: 1 });
    return totals ?? nothing;
  }

  async function slotsAtWork(): Promise<number> {
    const [found] = await workers.aggregate<{ slots: number }>([
      { $match: { isDraining: { $ne: true }, ...isAlive } },
      { $group: { _id: null, slots: { $sum: '$slots' } } },
    ]);
    return found?.slots ?? 0;
  }

  /** What every forecast needs, whatever it is for. */
  const installation = cached(async () => {
    const [pixelsPerSecond, slots, atWork, dispatch] = await Promise.all([
      deps.speed.measured(),
      slotsAtWork(),
      running(),
      control.findById('control').lean(),
    ]);
    return { pixelsPerSecond, running: atWork, slots: dispatch?.isPaused ? 0 : slots };
  }, FRESH);

  return {
    queued: cached(async () => {
      const [seen, pixelsPerSecond] = await Promise.all([inLine(), deps.speed.measured()]);
      const queued = { state: JobState.QUEUED, ...inLane('PROCESS') };
      const count = seen.jobs < MAX_JOBS ? seen.jobs : await jobs.countDocuments(queued);
      const scale = count / Math.max(1, seen.jobs);
      return {
        jobs: count,
        urgentJobs: Math.round(seen.urgentJobs * scale),
        seconds: secondsOf(seen, pixelsPerSecond) * scale,
      };
    }, FRESH),

    async secondsLeft(videoId) {
      const last = await jobs
        .findOne({ videoId, state: JobState.QUEUED }, { kind: 1, rank: 1, seq: 1 })
        .sort({ rank: -1, seq: -1 })
        .lean();
      if (!last || last.kind === JobKind.PLAN || last.kind === JobKind.IMPORT) return undefined;
      const { rank, seq } = last;
      const upToLast = { $or: [{ rank: { $lt: rank } }, { rank, seq: { $lte: seq } }] };
      const [before, { slots, running: now, pixelsPerSecond }] = await Promise.all([
        inLine(upToLast),
        installation(),
      ]);
      if (slots === 0 || before.jobs === MAX_JOBS) return undefined;
      // A job is not shared: more slots than jobs do not make it faster.
      const together = Math.max(1, Math.min(slots, before.jobs + now.jobs));
      const seconds = secondsOf(before, pixelsPerSecond) + secondsOf(now, pixelsPerSecond);
      return Math.ceil(seconds / together);
    },
  };
}
