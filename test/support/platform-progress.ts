import type { VideoProgress } from '../../schema/video-progress.js';

/** An account of progress as it travels. */
export type Progress = Omit<VideoProgress, 'at'>;

/** A subscription that is read as fast as it delivers, and remembered. */
export interface Following {
  /** What has arrived so far, oldest first. */
  readonly events: readonly Progress[];
  /** The first event, past or future, that passes. @throws Error if the subscription ends before */
  until(passes: (event: Progress) => boolean): Promise<Progress>;
  /** Resolves to everything that arrived once the server has completed the subscription. */
  readonly completed: Promise<readonly Progress[]>;
  /** Ends the subscription. */
  cancel(): Promise<void>;
}

/** A subscription that brings nothing for longer is stuck. */
const GIVE_UP_MS = 55_000;

interface Waiter {
  passes: (event: Progress) => boolean;
  resolve: (event: Progress) => void;
  reject: (error: Error) => void;
}

/** Reads `results` to their end; `eventOf` takes the event out of an answer. */
export function followProgress<T>(
  results: AsyncIterableIterator<{ data?: T | null; errors?: readonly { message: string }[] }>,
  eventOf: (data: T) => Progress,
): Following {
  const events: Progress[] = [];
  const waiters = new Set<Waiter>();
  let ended: Error | undefined;

  function arrive(event: Progress): void {
    timer.refresh();
    events.push(event);
    for (const waiter of waiters) {
      if (!waiter.passes(event)) continue;
      waiters.delete(waiter);
      waiter.resolve(event);
    }
  }

  function end(why: Error): void {
    ended = why;
    for (const { reject } of waiters) reject(why);
    waiters.clear();
  }

  async function read(): Promise<readonly Progress[]> {
    for await (const { data, errors } of results) {
      if (!data) throw new Error(errors?.[0]?.message ?? 'an event without data');
      arrive(eventOf(data));
    }
    return events;
  }

  const stuck = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const { stage, status, percent } = events.at(-1) ?? {};
    stuck.reject(new Error(`the subscription goes no further than ${status} ${stage} ${percent} %`));
  }, GIVE_UP_MS);
  const completed = Promise.race([read(), stuck.promise]).finally(() => clearTimeout(timer));
  completed.then(
    () => end(new Error('the subscription was completed')),
    (error: unknown) => end(error instanceof Error ? error : new Error(String(error))),
  );

  return {
    events,
    completed,
    until(passes) {
      const seen = events.find(passes);
      if (seen) return Promise.resolve(seen);
      if (ended) return Promise.reject(ended);
      return new Promise((resolve, reject) => waiters.add({ passes, resolve, reject }));
    },
    async cancel() {
      clearTimeout(timer);
      await results.return?.();
    },
  };
}

/** What is wrong with the order of one video's events; empty if nothing is. */
export function orderProblems(events: readonly Progress[]): string[] {
  return events.slice(1).flatMap((event, index) => {
    const before = events[index];
    if (!before) return [];
    const grows = event.sequence > before.sequence;
    const falls = event.generation === before.generation && event.percent < before.percent;
    return [
      ...(grows ? [] : [`sequence ${event.sequence} after ${before.sequence}`]),
      ...(falls ? [`${event.percent} % after ${before.percent} %`] : []),
    ];
  });
}
