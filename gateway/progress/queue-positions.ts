import { LRUCache } from 'lru-cache';
import type { JobQueue } from '../../platform/job-queue.js';

/** Places in the queue, looked up at most once a second for each video however many people watch it. */
export interface QueuePositions {
  of(videoId: string): Promise<number | null>;
}

const MAX_AGE_MS = 1_000;
const MAX_ENTRIES = 5_000;

export function createQueuePositions(deps: { jobQueue: Pick<JobQueue, 'position'> }): QueuePositions {
  const positions = new LRUCache<string, { position: number | null }>({
    max: MAX_ENTRIES,
    ttl: MAX_AGE_MS,
    fetchMethod: async (videoId) => ({ position: (await deps.jobQueue.position(videoId)) ?? null }),
  });
  return {
    async of(videoId) {
      return (await positions.fetch(videoId))?.position ?? null;
    },
  };
}
