import { cached } from '../../platform/cached.js';
import type { AdminStats } from './admin-types.js';
import type { ControlStore } from './control-store.js';
import type { DeadLetterStore } from './dead-letter-store.js';
import type { ProcessingStatsStore } from './processing-stats-store.js';
import { queueStats } from './queue-stats.js';
import type { QueueStatsStore } from './queue-stats-store.js';
import { consumerStats } from './worker-stats.js';
import type { WorkerStatsStore } from './worker-stats-store.js';

/** The whole of what administrators see at a glance. */
export interface StatsSource {
  /** However many ask, each part is read about once a second. */
  read(): Promise<AdminStats>;
}

const MAX_AGE_MS = 900;
/** Moves slowly, and covers a day. */
const PROCESSING_MAX_AGE_MS = 2_000;
/** A diagnostic; an outage of Kafka must not delay every tick. */
const LAG_MAX_AGE_MS = 5_000;

export function createStatsSource(deps: {
  workers: Pick<WorkerStatsStore, 'list'>;
  queue: QueueStatsStore;
  processing: ProcessingStatsStore;
  deadLetters: Pick<DeadLetterStore, 'countOpen'>;
  control: Pick<ControlStore, 'read'>;
  lag: () => Promise<number | null>;
}): StatsSource {
  const soon = { maxAgeMs: MAX_AGE_MS };
  const control = cached(() => deps.control.read(), soon);
  const workers = cached(() => deps.workers.list(), soon);
  const counts = cached(() => deps.queue.counts(), soon);
  const deadLetters = cached(() => deps.deadLetters.countOpen(), soon);
  const processing = cached(() => deps.processing.read(), { maxAgeMs: PROCESSING_MAX_AGE_MS });
  const lag = cached(deps.lag, { maxAgeMs: LAG_MAX_AGE_MS });

  return {
    async read() {
      const [{ paused }, alive, waiting, processed, open, unread] = await Promise.all([
        control(),
        workers(),
        counts(),
        processing(),
        deadLetters(),
        lag(),
      ]);
      const at = new Date();
      return {
        ...{ at, paused, workers: alive, processing: processed, deadLetters: open },
        consumers: consumerStats(alive),
        queue: queueStats(waiting, unread, at),
      };
    },
  };
}
