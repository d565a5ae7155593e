import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../../gateway/auth/caller.js';
import { createRequestCounts } from '../../gateway/limits/request-counts.js';
import { createRequestLimits, WINDOW_SECONDS } from '../../gateway/limits/request-limits.js';
import { connectMongo, type Database } from '../../platform/mongo.js';
import type { OrganizationLimits } from '../../schema/organization.js';
import { RateCount } from '../../schema/rate-count.js';
import { quietLog, testMongoUrl, withTestDatabase } from '../support/test-database.js';

const address = '192.0.2.7';

function limitsOn(db: Database, limits: OrganizationLimits = {}) {
  return createRequestLimits({
    counts: createRequestCounts({ db, windowMs: WINDOW_SECONDS * 1000 }),
    organizationLimits: { of: () => Promise.resolve(limits) },
    log: quietLog,
    rates: { address: 100 },
  });
}

/** How many of the requests pass, sent to the gateways in turn. */
async function passing(count: number, send: ((n: number) => unknown)[]): Promise<number> {
  let passed = 0;
  for (let n = 0; n < count; n += 1) {
    try {
      await send[n % send.length]?.(n);
      passed += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'RATE_LIMITED' });
      const { retryAfterSeconds } = (error as { details: { retryAfterSeconds: number } }).details;
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
      expect(retryAfterSeconds).toBeLessThanOrEqual(WINDOW_SECONDS);
    }
    // The round trip of a client, which lets gateways hear of each other.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return passed;
}

describe('the limits of requests', () => {
  it('hold for all gateways together, but for a tenth for each', () =>
    withTestDatabase([RateCount], async (db) => {
      const gateways = [limitsOn(db), limitsOn(db)];
      const send = gateways.map((limits) => () => limits.takeFromAddress(address, { hasCredential: true }));
      const passed = await passing(300, send);
      expect(passed).toBeGreaterThanOrEqual(100);
      expect(passed).toBeLessThanOrEqual(120);
      const counts = await db.model(RateCount).find().lean<RateCount[]>();
      expect(counts).toMatchObject([{ key: expect.stringContaining('address:192.0.2.7') }]);
      // Each gateway keeps less than a tenth for itself.
      expect(counts[0]?.points).toBeGreaterThan(passed - gateways.length * 10);
      expect(counts[0]?.points).toBeLessThanOrEqual(passed);
    }));

  it('of an organization are those of all its keys', () =>
    withTestDatabase([RateCount], async (db) => {
      const limits = limitsOn(db, { requestsPerSecond: 2 });
      const send = ['key_a', 'key_b'].map((id) => {
        const caller: Caller = {
          kind: 'API_KEY',
          id,
          grants: [{ organizationId: 'org_a', permissions: [] }],
        };
        return () => limits.takeFromCaller(caller);
      });
      expect(await passing(40, send)).toBe(2 * WINDOW_SECONDS);
    }));

  it('hold in each gateway alone where the database cannot be reached', async () => {
    const db = await connectMongo({ url: testMongoUrl(), log: quietLog });
    await db.close();
    const limits = limitsOn(db);
    const send = () => limits.takeFromAddress(address, { hasCredential: true });
    expect(await passing(150, [send])).toBe(100);
  });
});
