import { JobState, type Job } from '../../schema/job.js';

/** What progress needs to know of a chunk job. */
export type ChunkJobFacts = Pick<
  Job,
  'state' | 'cost' | 'framesDone' | 'framesPerSecond' | 'workerId' | 'chunk'
>;

export interface ProcessingSummary {
  /** 0–99: the last percent is FINISH's. */
  percent: number;
  tracks: { name: string; percent: number }[];
  /** Workers with at least one running chunk of this video. */
  workers: number;
  /** Media seconds a wall second over all workers; undefined while nothing runs. */
  speed: number | undefined;
  etaSeconds: number | undefined;
}

/** Weight of the newest speed: an FFmpeg that has just started reports too little. */
const SMOOTHING = 0.3;

/**
 * How far a generation is, from its chunk jobs. Work is weighted by its predicted cost, so that a frame
 * of 1080p counts for more than one of 360p; the estimate of the end follows from the speed now, smoothed
 * with the one before.
 */
export function summarizeJobs(
  jobs: readonly ChunkJobFacts[],
  speedBefore?: number | null,
): ProcessingSummary {
  const totalCost = sum(jobs, ({ cost }) => cost);
  const doneCost = sum(jobs, (job) => job.cost * doneShare(job));
  const mediaSeconds = coveredSeconds(jobs);
  const running = jobs.filter(({ state }) => state === JobState.CLAIMED);
  const costNow = sum(running, (job) =>
    job.chunk ? (job.cost * (job.framesPerSecond ?? 0)) / job.chunk.frames : 0,
  );
  const speed = smoothed((costNow * mediaSeconds) / totalCost, speedBefore);
  const secondsLeft = (mediaSeconds * (totalCost - doneCost)) / totalCost / speed;
  return {
    percent: totalCost > 0 ? round((99 * doneCost) / totalCost) : 0,
    tracks: trackPercents(jobs),
    workers: new Set(running.map(({ workerId }) => workerId)).size,
    speed: speed > 0 ? round(speed) : undefined,
    etaSeconds: speed > 0 ? Math.ceil(secondsLeft) : undefined,
  };
}

/** Nothing running is a speed of nothing, whatever was before. */
const smoothed = (now: number, before: number | null | undefined): number =>
  before && now > 0 ? before + SMOOTHING * (now - before) : now || 0;

function doneShare({ state, framesDone, chunk }: ChunkJobFacts): number {
  if (state === JobState.DONE) return 1;
  if (state !== JobState.CLAIMED || !chunk) return 0;
  return Math.min(1, framesDone / chunk.frames);
}

/** Seconds of media that the jobs cover, each chunk counted once however it was split. */
function coveredSeconds(jobs: readonly ChunkJobFacts[]): number {
  const seconds = new Map(jobs.map(({ chunk }) => [chunk?.chunkIndex, chunk?.seconds ?? 0]));
  return sum([...seconds.values()], (n) => n);
}

function trackPercents(jobs: readonly ChunkJobFacts[]): { name: string; percent: number }[] {
  const tracks = new Map<string, { done: number; all: number }>();
  for (const job of jobs) {
    for (const name of job.chunk?.trackNames ?? []) {
      const track = tracks.get(name) ?? { done: 0, all: 0 };
      track.all += job.chunk?.seconds ?? 0;
      track.done += (job.chunk?.seconds ?? 0) * doneShare(job);
      tracks.set(name, track);
    }
  }
  return [...tracks].map(([name, { done, all }]) => ({ name, percent: round((100 * done) / all) }));
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

/** Two decimals are all that a progress bar shows. */
const round = (value: number): number => Math.floor(value * 100) / 100;
