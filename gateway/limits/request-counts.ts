import { RateLimiterMongo } from 'rate-limiter-flexible';
import type { Database } from '../../platform/mongo.js';
import { rateCounts } from './rate-counts.js';
import type { SharedCount } from './request-windows.js';

/** Counts of requests that all gateways share. */
export interface RequestCounts {
  add(key: string, count: number): Promise<SharedCount>;
}

export function createRequestCounts(deps: { db: Database; windowMs: number }): RequestCounts {
  const counts = new RateLimiterMongo({
    ...rateCounts(deps.db),
    keyPrefix: '',
    // Who has too many is decided in memory: here they are only added up.
    points: Number.MAX_SAFE_INTEGER,
    duration: deps.windowMs / 1000,
  });

  return {
    async add(key, count) {
      const { consumedPoints: total, msBeforeNext: msLeft } = await counts.penalty(key, count);
      return { total, msLeft };
    },
  };
}
