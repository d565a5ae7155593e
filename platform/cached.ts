import { LRUCache } from 'lru-cache';

/** `load`, called at most once in `maxAgeMs` however often and by how many the answer is asked for. */
export function cachedFor<T extends object>(maxAgeMs: number, load: () => Promise<T>): () => Promise<T> {
  const cache = new LRUCache<'answer', T>({ max: 1, ttl: maxAgeMs, fetchMethod: load });
  return () => cache.forceFetch('answer');
}
