import { LRUCache } from 'lru-cache';
import type { JobQueue } from '../../platform/job-queue.js';
import type { WorkForecast } from '../../platform/queued-work.js';

/** Places in the queue and times left, looked up at most once a second for each video however many watch it. */
export interface QueuePositions {
  /** From 1; null where nothing of the video is queued. */
  of(videoId: string): Promise<number | null>;
  /** Seconds until a video with chunks in the queue is done; null where nobody can tell. */
  secondsLeft(videoId: string): Promise<number | null>;
}

const MAX_AGE_MS = 1_000;
const MAX_ENTRIES = 5_000;

export function createQueuePositions(deps: {
  jobQueue: Pick<JobQueue, 'position'>;
  forecast: Pick<WorkForecast, 'secondsLeft'>;
}): QueuePositions {
  return {
    of: remembered((videoId) => deps.jobQueue.position(videoId)),
    secondsLeft: remembered((videoId) => deps.forecast.secondsLeft(videoId)),
  };
}

function remembered(
  lookUp: (videoId: string) => Promise<number | undefined>,
): (videoId: string) => Promise<number | null> {
  const answers = new LRUCache<string, { answer: number | null }>({
    ...{ max: MAX_ENTRIES, ttl: MAX_AGE_MS },
    fetchMethod: async (videoId) => ({ answer: (await lookUp(videoId)) ?? null }),
  });
  return async (videoId) => (await answers.fetch(videoId))?.answer ?? null;
}
