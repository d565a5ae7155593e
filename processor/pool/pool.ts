import { within } from '../../platform/deadline.js';
import type { Logger } from '../../platform/logger.js';
import type { Job } from '../../schema/job.js';
import { createSlotConsumer, type Closable, type SlotConsumer } from './slot-consumer.js';

interface Slot {
  id: number;
  busy: boolean;
  /** Goes as soon as it is free, and claims nothing more. */
  retiring: boolean;
  consumer: SlotConsumer;
}

/** Leaving waits for a rebalance under way, as long as a crashed member is waited for; nobody needs it. */
const LEAVE_MS = 5_000;

/** The slots of one process: each has a consumer of its own, and any hint wakes any free one. */
export interface Pool {
  /**
   * Looks for work, and begins to open the consumers. Nobody waits for them: hints only save time, and
   * joining takes seconds where the group waits for a member that crashed.
   */
  start(): void;
  /** There may be work: a free slot looks. Never waits, never works itself. */
  wake(): void;
  /**
   * Adds slots at once; of those that are too many, the free ones go at once and the busy ones after the
   * job they work on, unless they are wanted again before.
   */
  resize(target: number): void;
  /** Slots that take jobs. */
  target(): number;
  /** Slots there are: those that go once they are free, too. */
  slots(): number;
  /** Slots that work right now. */
  busy(): number;
  /** Stops claiming, waits for running work to end, leaves the consumer group where it had joined and can. */
  close(): Promise<void>;
}

/**
 * A hint wakes one free slot, which claims and works until nothing is due; each slot that finds work
 * wakes the next, so one hint is enough for any number of jobs. Work runs outside the consumers, so
 * that no rebalance disturbs it.
 */
export function createPool(deps: {
  /** Slots to start with. */
  size: number;
  log: Logger;
  claim: () => Promise<Job | undefined>;
  work: (job: Job) => Promise<void>;
  /** Opens one consumer of the hints, a member of the processors' group. */
  openConsumer: (onHint: () => void) => Promise<Closable>;
  /** Longest wait for consumers to leave their group. */
  leaveMs?: number;
}): Pool {
  const { log } = deps;
  const slots: Slot[] = [];
  /** Slots that have gone, to come back as themselves: their consumers may still be leaving. */
  const gone: Slot[] = [];
  const draining = new Set<Promise<void>>();
  let hintedWhileBusy = false;
  let closing = false;

  const staying = (): Slot[] => slots.filter(({ retiring }) => !retiring);

  function createSlot(): Slot {
    const id = slots.length;
    const onError = (err: unknown): void =>
      log.error({ err, slot: id }, 'no consumer for this slot; it works by the poll alone');
    const consumer = createSlotConsumer({ open: () => deps.openConsumer(wake), onError });
    return { id, busy: false, retiring: false, consumer };
  }

  function addSlot(): void {
    const retiring = slots.find((slot) => slot.retiring);
    if (retiring) {
      retiring.retiring = false;
      return;
    }
    const slot = gone.pop() ?? createSlot();
    slot.retiring = false;
    slots.push(slot);
    slot.consumer.open();
  }

  function retire(slot: Slot): void {
    slot.retiring = true;
    if (!slot.busy) remove(slot);
  }

  function remove(slot: Slot): void {
    slots.splice(slots.indexOf(slot), 1);
    gone.push(slot);
    void slot.consumer.close();
  }

  function resize(target: number): void {
    if (closing) return;
    const there = staying();
    const freeFirst = there.toSorted((a, b) => Number(a.busy) - Number(b.busy));
    for (const slot of freeFirst.slice(0, Math.max(0, there.length - target))) retire(slot);
    for (let count = there.length; count < target; count += 1) addSlot();
    if (target > there.length) wake();
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
        await workUntilEmpty(slot);
      } while (hintedWhileBusy && mayClaim(slot));
    } catch (err) {
      // The poller looks again within a second.
      log.warn({ err, slot: slot.id }, 'could not claim work');
    } finally {
      slot.busy = false;
      if (slot.retiring) remove(slot);
    }
  }

  async function workUntilEmpty(slot: Slot): Promise<void> {
    while (mayClaim(slot)) {
      const job = await deps.claim();
      if (!job) return;
      wake();
      await deps.work(job);
    }
  }

  const mayClaim = (slot: Slot): boolean => !closing && !slot.retiring;

  return {
    wake,
    resize,
    target: () => staying().length,
    slots: () => slots.length,
    busy: () => slots.filter((slot) => slot.busy).length,
    start: () => resize(deps.size),
    async close() {
      closing = true;
      await Promise.all(draining);
      const left = Promise.all([...slots, ...gone].map(({ consumer }) => consumer.close()));
      await within(left, deps.leaveMs ?? LEAVE_MS).catch((err: unknown) => {
        log.info({ err }, 'consumers left to expire');
      });
    },
  };
}
