import { createQueueStatsStore } from '../gateway/admin/queue-stats-store.js';
import type { NewJob } from '../platform/job-queue.js';
import { newId } from '../schema/ids.js';
import { JobKind, JobState } from '../schema/job.js';
import { percentile, type Figure } from './report.js';
import { withQueue, type QueueParts, type Servers } from './with-queue.js';

const VIDEOS = 1_000;
const JOBS_PER_VIDEO = 100;
const ORGANIZATIONS = 100;
const SLOTS = 4;
const CLAIMS_PER_SLOT = 500;
const STATISTICS = 20;

const chunkJob = (chunkIndex: number): NewJob => ({
  kind: JobKind.CHUNK,
  state: JobState.QUEUED,
  jobClass: chunkIndex === 0 ? 'URGENT' : chunkIndex % 2 === 0 ? 'LEAD' : 'REST',
  cost: 1 + (chunkIndex % 16),
  chunk: { chunkIndex, part: 'ALL', trackNames: ['v720'], frames: 480, seconds: 16 },
});

async function fill({ db, queue }: QueueParts): Promise<void> {
  const chunks = Array.from({ length: JOBS_PER_VIDEO }, (_, index) => chunkJob(index));
  for (let video = 0; video < VIDEOS; video += 1) {
    const organizationId = `org_bench${video % ORGANIZATIONS}`;
    const owner = { organizationId, videoId: newId('video'), generation: 1, priority: 'NORMAL' as const };
    await db.transaction((session) => queue.enqueue(owner, chunks, session));
  }
}

/** Claims by one slot, each done before the next. Returns how long each claim took, milliseconds. */
async function claimMany({ db, store }: QueueParts, workerId: string): Promise<number[]> {
  const latencies: number[] = [];
  for (let claim = 0; claim < CLAIMS_PER_SLOT; claim += 1) {
    const startedAt = performance.now();
    const job = await store.claim(workerId);
    latencies.push(performance.now() - startedAt);
    if (!job) throw new Error('the queue is empty');
    await db.transaction((session) => store.complete(job, undefined, session));
  }
  return latencies;
}

async function timeStatistics({ db }: QueueParts): Promise<number[]> {
  const store = createQueueStatsStore({ db, maxTimeMs: 60_000 });
  const latencies: number[] = [];
  for (let look = 0; look < STATISTICS; look += 1) {
    const startedAt = performance.now();
    await store.counts();
    latencies.push(performance.now() - startedAt);
  }
  return latencies;
}

/** What a claim costs, and a look at the queue, where 100,000 jobs of 100 organizations are due. */
export const measureFullQueue = (servers: Servers): Promise<Figure[]> =>
  withQueue(servers, async (parts) => {
    await fill(parts);
    const slots = Array.from({ length: SLOTS }, (_, slot) => `worker_bench${slot}`);
    const claims = (await Promise.all(slots.map((workerId) => claimMany(parts, workerId)))).flat();
    const looks = await timeStatistics(parts);
    const jobs = (VIDEOS * JOBS_PER_VIDEO).toLocaleString('en');
    return [
      { name: `claim, ${jobs} queued, p50`, value: percentile(claims, 0.5), unit: 'ms', atMost: 10 },
      { name: `claim, ${jobs} queued, p99`, value: percentile(claims, 0.99), unit: 'ms', atMost: 10 },
      {
        name: `queue statistics, ${jobs} queued, p50`,
        value: percentile(looks, 0.5),
        unit: 'ms',
        atMost: 500,
      },
    ];
  });
