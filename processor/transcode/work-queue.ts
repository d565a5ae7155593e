export interface WorkQueue {
  /** Aborts, with the error as its reason, when a piece of work fails; the rest is not started. */
  readonly failed: AbortSignal;
  add(work: () => Promise<void>): void;
  /** Resolves when nothing is under way and nothing waits; never rejects. */
  settled(): Promise<void>;
}

/** Runs what is added in order, at most `limit` at once. */
export function createWorkQueue(limit: number): WorkQueue {
  const failure = new AbortController();
  const waiting: (() => Promise<void>)[] = [];
  const workers = new Set<Promise<void>>();

  const run = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !failure.signal.aborted; next = waiting.shift()) {
      await next().catch((error: unknown) => failure.abort(error));
    }
  };

  return {
    failed: failure.signal,
    add(work) {
      waiting.push(work);
      if (workers.size >= limit) return;
      const worker = run().finally(() => workers.delete(worker));
      workers.add(worker);
    },
    async settled() {
      while (workers.size > 0) await Promise.all(workers);
    },
  };
}
