import { RateLimiterMongo } from 'rate-limiter-flexible';
import type { Database } from '../../platform/mongo.js';
import { RequestCount } from '../../schema/request-count.js';
import type { SharedCount } from './request-windows.js';

/** Counts of requests that all gateways share. */
export interface RequestCounts {
  add(key: string, count: number): Promise<SharedCount>;
}

export function createRequestCounts(deps: { db: Database; windowMs: number }): RequestCounts {
  const { connection } = deps.db;
  const counts = new RateLimiterMongo({
    storeClient: connection.getClient(),
    dbName: connection.name,
    tableName: deps.db.model(RequestCount).collection.collectionName,
    keyPrefix: '',
    // Who has too many is decided in memory: here they are only added up.
    points: Number.MAX_SAFE_INTEGER,
    duration: deps.windowMs / 1000,
    // `prepareStorage` has.
    disableIndexesCreation: true,
  });

  return {
    async add(key, count) {
      const { consumedPoints: total, msBeforeNext: msLeft } = await counts.penalty(key, count);
      return { total, msLeft };
    },
  };
}
