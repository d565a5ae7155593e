import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { within } from '../platform/deadline.js';
import { createPool } from '../processor/pool/pool.js';
import { newId } from '../schema/ids.js';
import type { Job } from '../schema/job.js';
import { topics } from '../schema/messages.js';
import { percentile, type Figure } from './report.js';
import { withQueue, type Servers } from './with-queue.js';

const SAMPLES = 200;
/** The first ones open connections. */
const WARM_UP = 10;
const SLOTS = 4;
const CLAIM_WITHIN_MS = 30_000;

/**
 * Time from the publication of a hint to the claim of its job, on an idle system: the real queue, pool,
 * broker and database, one job at a time. The poller is off, so that only hints wake the pool.
 */
export const measureIdleDispatch = (servers: Servers): Promise<Figure[]> =>
  withQueue(servers, async ({ db, broker, queue, store }) => {
    const groupId = `bench-${randomUUID()}`;
    let claimed: (job: Job) => void = () => undefined;
    const pool = createPool({
      size: SLOTS,
      log: pino({ level: 'silent' }),
      claim: () => store.claim('worker_bench'),
      work: async (job) => {
        claimed(job);
        await db.transaction((session) => store.complete(job, undefined, session));
      },
      openConsumer: (onMessages) =>
        broker.consume({
          topic: topics.processing,
          groupId,
          // The first samples are published while the group is still forming.
          fromBeginning: true,
          onMessages,
        }),
    });
    pool.start();
    const latencies: number[] = [];
    for (let sample = -WARM_UP; sample < SAMPLES; sample += 1) {
      const owner = {
        organizationId: 'org_bench',
        videoId: newId('video'),
        generation: 1,
        priority: 'NORMAL' as const,
      };
      const jobId = await db.transaction((session) => queue.enqueuePlan(owner, session));
      const claim = new Promise<void>((resolve) => (claimed = () => resolve()));
      const publishedAt = performance.now();
      await within(Promise.all([queue.hint([jobId]), claim]), CLAIM_WITHIN_MS);
      if (sample >= 0) latencies.push(performance.now() - publishedAt);
    }
    await pool.close();
    return [
      { name: 'publish → claim, idle, p50', value: percentile(latencies, 0.5), unit: 'ms', atMost: 100 },
      { name: 'publish → claim, idle, p99', value: percentile(latencies, 0.99), unit: 'ms', atMost: 100 },
    ];
  });
