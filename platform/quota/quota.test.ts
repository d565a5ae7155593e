import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../schema/errors.js';
import type { OrganizationLimits } from '../../schema/organization.js';
import { admitUpload, limitsUploads, monthStart, storageExceeded, type Usage } from './quota.js';

const unused: Usage = { storedBytes: 0, minutesThisMonth: 0, uploadsNow: 0 };

function refusal(limits: OrganizationLimits, usage: Partial<Usage>, leastBytes?: number) {
  try {
    return admitUpload(limits, { ...unused, ...usage }, leastBytes);
  } catch (error) {
    return error instanceof AppError ? { code: error.code, ...error.details } : error;
  }
}

describe('an upload', () => {
  it('may begin, and store any number of bytes, where there is no limit', () => {
    const usage = { storedBytes: 2 ** 50, minutesThisMonth: 1e9, uploadsNow: 1_000 };
    expect(refusal({}, usage, 2 ** 40)).toBeUndefined();
    expect(refusal({ subscriptions: 0, requestsPerSecond: 1 }, usage)).toBeUndefined();
  });

  it.each<[OrganizationLimits, Partial<Usage>, number | undefined]>([
    [{ storedBytes: 100 }, { storedBytes: 100 }, undefined],
    [{ storedBytes: 100 }, { storedBytes: 200 }, undefined],
    [{ storedBytes: 100 }, { storedBytes: 60 }, 41],
    [{ storedBytes: 0 }, {}, 0],
    [{ minutesPerMonth: 5 }, { minutesThisMonth: 5 }, undefined],
    [{ minutesPerMonth: 0 }, {}, undefined],
    [{ simultaneousUploads: 2 }, { uploadsNow: 2 }, undefined],
  ])('is refused under %j with %j used, %s bytes at least', (limits, usage, leastBytes) => {
    const [[limit, max] = []] = Object.entries<number>({ ...limits });
    const [used = 0] = Object.values(usage);
    expect(refusal(limits, usage, leastBytes)).toEqual({ code: 'QUOTA_EXCEEDED', limit, max, used });
  });

  it('may store what is left', () => {
    expect(refusal({ storedBytes: 100 }, { storedBytes: 60 }, 40)).toEqual({ bytes: 40, max: 100 });
    expect(storageExceeded({ bytes: 40, max: 100 }).details).toEqual({
      ...{ limit: 'storedBytes', max: 100, used: 60 },
    });
  });

  it('never brings what is stored over the limit', () => {
    const bytes = fc.nat({ max: 1_000 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (max, storedBytes, leastBytes) => {
        const left = refusal({ storedBytes: max }, { storedBytes }, leastBytes);
        if (!left || typeof left !== 'object' || !('bytes' in left)) return;
        expect(left).toEqual({ bytes: max - storedBytes, max });
        expect(leastBytes).toBeLessThanOrEqual(max - storedBytes);
      }),
    );
  });
});

describe('limits', () => {
  it('are about uploads or not', () => {
    expect(limitsUploads({})).toBe(false);
    expect(limitsUploads({ subscriptions: 1, requestsPerSecond: 1 })).toBe(false);
    expect(limitsUploads({ minutesPerMonth: 0 })).toBe(true);
  });

  it.each([
    ['2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['2026-03-31T23:59:59.999Z', '2026-03-01T00:00:00.000Z'],
    ['2024-02-29T12:00:00.000Z', '2024-02-01T00:00:00.000Z'],
  ])('by the month begin anew: %s is in that of %s', (at, start) => {
    expect(monthStart(Date.parse(at)).toISOString()).toBe(start);
  });
});
