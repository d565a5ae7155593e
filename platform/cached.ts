/**
 * Answers what `load` last answered, for `maxAgeMs` after it did. Who asks while it is loading waits for
 * the same load; a load that failed is forgotten.
 */
export function cached<T>(
  load: () => Promise<T>,
  options: { maxAgeMs: number; now?: () => number },
): () => Promise<T> {
  const now = options.now ?? (() => performance.now());
  let current: { value: Promise<T>; staleAt: number } | undefined;

  return () => {
    if (current && now() < current.staleAt) return current.value;
    // What is only like a promise, as mongoose's queries, may be awaited once.
    const fresh = { value: Promise.resolve(load()), staleAt: Infinity };
    current = fresh;
    fresh.value.then(
      () => (fresh.staleAt = now() + options.maxAgeMs),
      () => (fresh.staleAt = 0),
    );
    return fresh.value;
  };
}
