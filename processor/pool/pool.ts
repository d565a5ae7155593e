import type { Logger } from '../../platform/logger.js';
import type { Job } from '../../schema/job.js';

/** Something that can be closed: a slot's Kafka consumer. */
interface Closable {
  close(): Promise<void>;
}

interface Slot {
  id: number;
  busy: boolean;
}

/** The slots of one process: each has a consumer of its own, and any hint wakes any free one. */
export interface Pool {
  /**
   * Looks for work, and begins to open the consumers. Nobody waits for them: hints only save time, and
   * joining takes seconds where the group waits for a member that crashed.
   */
  start(): void;
  /** There may be work: a free slot looks. Never waits, never works itself. */
  wake(): void;
  readonly slots: number;
  /** Slots that work right now. */
  busy(): number;
  /** Stops claiming, waits for running work to end, leaves the consumer group where it had joined. */
  close(): Promise<void>;
}

/**
 * A hint wakes one free slot, which claims and works until nothing is due; each slot that finds work
 * wakes the next, so one hint is enough for any number of jobs. Work runs outside the consumers, so
 * that no rebalance disturbs it.
 */
export function createPool(deps: {
  size: number;
  log: Logger;
  claim: () => Promise<Job | undefined>;
  work: (job: Job) => Promise<void>;
  /** Opens one consumer of the hints, a member of the processors' group. */
  openConsumer: (onHint: () => void) => Promise<Closable>;
}): Pool {
  const { log } = deps;
  const slots: Slot[] = Array.from({ length: deps.size }, (_, id) => ({
    id,
    busy: false,
  }));
  const consumers = new Set<Closable>();
  const draining = new Set<Promise<void>>();
  let hintedWhileBusy = false;
  let closing = false;

  async function openConsumer(slot: Slot): Promise<void> {
    try {
      const consumer = await deps.openConsumer(wake);
      if (closing) await consumer.close();
      else consumers.add(consumer);
    } catch (err) {
      log.error({ err, slot: slot.id }, 'no consumer for this slot; it works by the poll alone');
    }
  }

  function wake(): void {
    if (closing) return;
    const free = slots.find((slot) => !slot.busy);
    if (!free) {
      hintedWhileBusy = true;
      return;
    }
    free.busy = true;
    const run = drain(free).finally(() => draining.delete(run));
    draining.add(run);
  }

  async function drain(slot: Slot): Promise<void> {
    try {
      do {
        hintedWhileBusy = false;
        await workUntilEmpty();
      } while (hintedWhileBusy && !closing);
    } catch (err) {
      // The poller looks again within a second.
      log.warn({ err, slot: slot.id }, 'could not claim work');
    } finally {
      slot.busy = false;
    }
  }

  async function workUntilEmpty(): Promise<void> {
    while (!closing) {
      const job = await deps.claim();
      if (!job) return;
      wake();
      await deps.work(job);
    }
  }

  return {
    slots: deps.size,
    wake,
    busy: () => slots.filter((slot) => slot.busy).length,
    start() {
      for (const slot of slots) void openConsumer(slot);
      wake();
    },
    async close() {
      closing = true;
      await Promise.all(draining);
      await Promise.all([...consumers].map((consumer) => consumer.close()));
    },
  };
}
