/** Work of which only so much is done at a time; the rest waits, first come, first served. */
export interface Turns {
  /** Begins it at once where that may be. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How many wait. */
  readonly waiting: number;
}

export function createTurns(atATime: number): Turns {
  const queue: (() => void)[] = [];
  let running = 0;

  async function take<T>(work: () => Promise<T>): Promise<T> {
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      queue.shift()?.();
    }
  }

  return {
    run: (work) =>
      running < atATime
        ? take(work)
        : new Promise((resolve) => {
            queue.push(() => resolve(take(work)));
          }),

    get waiting() {
      return queue.length;
    },
  };
}
