/** The same events, for one reader; calls `release` once when there will be no more. */
export function releasing<T>(source: AsyncIterable<T>, release: () => void): AsyncIterableIterator<T> {
  const events = source[Symbol.asyncIterator]();
  let isOpen = true;

  function end(): void {
    if (isOpen) release();
    isOpen = false;
  }

  return {
    async next() {
      try {
        const event = await events.next();
        if (event.done) end();
        return event;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
