import { type Job, JobKind, type JobRun, JobState } from '../../schema/job.js';
import type { JobAttempt, JobTimeline } from './job-timeline-types.js';
import { type Dispatching, explainWait, type QueuePlace } from './queue-place.js';
import { percentOf } from './worker-stats.js';

/** A job for administrators; `placeOf` is asked for those that are queued. */
export function jobTimeline(
  job: Job,
  placeOf: (jobId: string) => QueuePlace,
  dispatching: Dispatching,
): JobTimeline {
  const { _id: id, generation, kind, state, jobClass, priority, chunk, runs } = job;
  const place = state === JobState.QUEUED ? placeOf(id) : undefined;
  return {
    ...{ id, generation, kind, state, jobClass, priority },
    chunkIndex: chunk?.chunkIndex ?? null,
    part: chunk?.part ?? null,
    predictedSeconds: job.cost,
    percent: chunk && state === JobState.DONE ? 100 : percentOf(job),
    attempts: job.attempt,
    runs: runs.map((run) => jobAttempt(job, run)),
    createdAt: job.createdAt,
    availableAt: job.availableAt ?? null,
    queuePosition: place?.position ?? null,
    aheadOfOwnOrganization: place?.aheadOfOwn ?? null,
    aheadOfOthers: place?.aheadOfOthers ?? null,
    waitsBecause: explainWait(job, place, dispatching) ?? null,
  };
}

/** What is known of a run that goes on stands with the job. */
function jobAttempt(job: Job, run: JobRun): JobAttempt {
  const { attempt, workerId, startedAt, endedAt, outcome, errorCode } = run;
  const live = job.state === JobState.CLAIMED && attempt === job.attempt ? job : undefined;
  return {
    ...{ attempt, workerId, startedAt },
    endedAt: endedAt ?? null,
    outcome: outcome ?? null,
    errorCode: errorCode ?? null,
    frames: (job.chunk && (run.frames ?? live?.framesDone)) ?? null,
    framesPerSecond: run.framesPerSecond ?? live?.framesPerSecond ?? null,
    speed: speedOf(job, run),
  };
}

function speedOf({ chunk }: Job, { startedAt, endedAt, outcome }: JobRun): number | null {
  if (!chunk || !endedAt || outcome !== 'DONE') return null;
  const wallSeconds = (endedAt.getTime() - startedAt.getTime()) / 1_000;
  return wallSeconds > 0 ? chunk.seconds / wallSeconds : null;
}

const kinds = Object.keys(JobKind);

/** In the order of the work: PLAN, the chunks from the start of the film, FINISH. */
export function inOrderOfWork(a: Job, b: Job): number {
  const byKind = kinds.indexOf(a.kind) - kinds.indexOf(b.kind);
  const byChunk = (a.chunk?.chunkIndex ?? 0) - (b.chunk?.chunkIndex ?? 0);
  return byKind || byChunk || (a.chunk?.part ?? '').localeCompare(b.chunk?.part ?? '');
}
