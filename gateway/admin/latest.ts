/** One value on its way to one reader: a newer one takes the place of what was not read. */
export interface Latest<T> {
  offer(value: T): void;
  /** For one reader. */
  readonly values: AsyncIterableIterator<T, undefined>;
}

export function createLatest<T extends object>(options: {
  /** Called once, when the reader has left. */
  onEnd: () => void;
}): Latest<T> {
  let pending: T | undefined;
  let reader: PromiseWithResolvers<IteratorResult<T, undefined>> | undefined;
  let ended = false;

  return {
    offer(value) {
      if (ended) return;
      if (!reader) {
        pending = value;
        return;
      }
      reader.resolve({ done: false, value });
      reader = undefined;
    },
    values: {
      next() {
        if (ended) return Promise.resolve({ done: true, value: undefined });
        if (pending) {
          const value = pending;
          pending = undefined;
          return Promise.resolve({ done: false, value });
        }
        reader = Promise.withResolvers();
        return reader.promise;
      },
      return() {
        reader?.resolve({ done: true, value: undefined });
        reader = undefined;
        pending = undefined;
        if (!ended) {
          ended = true;
          options.onEnd();
        }
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
