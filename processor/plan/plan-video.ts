import type { JobQueue, NewJob } from '../../platform/job-queue.js';
import type { Database } from '../../platform/mongo.js';
import { sourceKey } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import { JobKind, JobState, type JobClass } from '../../schema/job.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import type { JobStore } from '../pool/job-store.js';
import type { JobHandler } from '../pool/run-job.js';
import type { VideoTracker } from '../progress/video-tracker.js';
import type { SourceServer } from '../source/source-server.js';
import type { Ffmpeg } from '../transcode/ffmpeg.js';
import { planTasks, type EncodingPower, type PlannedTask } from './chunk-policy.js';
import { makePlan, type PlanOptions } from './make-plan.js';
import { probeSource } from './probe.js';
import { toNumber } from './rational.js';
import { sourceFacts } from './source-facts.js';

const PROBE_WALL_CLOCK_MS = 120_000;

/** Verifying and closing a film costs little beside encoding it. */
const FINISH_COST_SECONDS = 1;

/**
 * PLAN: reads what the source is, decides how it becomes HLS, and queues the chunk jobs, and FINISH to
 * wait for them, in the transaction that ends the claim.
 */
export function createPlanVideo(deps: {
  db: Database;
  sources: Pick<SourceServer, 'open'>;
  store: JobStore;
  queue: JobQueue;
  tracker: VideoTracker;
  ffmpeg: Ffmpeg;
  options: PlanOptions;
  /** What a slot can do, and how many there are in the whole installation right now. */
  power: () => Promise<EncodingPower>;
}): JobHandler {
  const { db, store, queue, tracker } = deps;

  return async (job, { signal, log }) => {
    const begun = await tracker.planning(job);
    using source = deps.sources.open(sourceKey(job.videoId));
    const limits = { signal, wallClockMs: PROBE_WALL_CLOCK_MS, stallMs: PROBE_WALL_CLOCK_MS };
    const probe = await probeSource(deps, source.url, limits);
    const plan = makePlan(probe, { ...deps.options, heights: begun?.heights });
    const tasks = planTasks(plan, await deps.power());
    const jobs = [...tasks.map((task) => chunkJob(plan, task)), finishJob];
    const { videoId, organizationId, generation } = job;

    const { video, due } = await db.transaction(async (session) => {
      await store.complete(job, undefined, session);
      const facts = { plan, source: sourceFacts(probe, plan), chunkJobs: tasks.length };
      const video = await tracker.planned(job, facts, session);
      if (!video) throw new AppError('LEASE_LOST');
      const owner = { videoId, organizationId, generation, priority: video.priority };
      return { video, due: await queue.enqueue(owner, jobs, session) };
    });
    await Promise.all([queue.hint(due), tracker.publish(video)]);
    log.info({ chunks: plan.chunks.length, jobs: tasks.length, frames: plan.frameCount }, 'video planned');
  };
}

const finishJob: NewJob = {
  kind: JobKind.FINISH,
  state: JobState.WAITING,
  jobClass: 'URGENT',
  cost: FINISH_COST_SECONDS,
};

function chunkJob(plan: TranscodePlan, task: PlannedTask): NewJob {
  const { chunkIndex, part, trackNames, frames, work, costSeconds } = task;
  const chunk = plan.chunks[chunkIndex];
  const gridFrames = chunk ? chunk.endFrame - chunk.startFrame : 0;
  return {
    kind: JobKind.CHUNK,
    state: JobState.QUEUED,
    jobClass: classOf(task),
    cost: costSeconds,
    work,
    chunk: { chunkIndex, part, trackNames, frames, seconds: gridFrames / toNumber(plan.frameRate) },
  };
}

/** The opener starts playback; the other leads keep it going. */
function classOf({ chunkIndex, part }: PlannedTask): JobClass {
  if (part === 'REST') return 'REST';
  return chunkIndex === 0 ? 'URGENT' : 'LEAD';
}
