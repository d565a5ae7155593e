import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Job } from '../../schema/job.js';
import { explainWait, placesIn } from './queue-place.js';

const working = { isPaused: false, hasWorkers: true };
const job = (change: Partial<Job> = {}) =>
  ({
    ...{ kind: 'CHUNK', state: 'QUEUED', jobClass: 'REST', priority: 'NORMAL', runs: [] },
    ...change,
  }) as unknown as Job;
const place = (aheadOfOwn: number, aheadOfOthers: number, isBeyond = false) => ({
  ...{ position: aheadOfOwn + aheadOfOthers + 1, aheadOfOwn, aheadOfOthers, isBeyond },
});

describe('places in the queue', () => {
  it('count who goes first, of the own organization and of others', () => {
    const organizations = fc.array(fc.constantFrom('org_a', 'org_b', 'org_c'), { maxLength: 50 });
    fc.assert(
      fc.property(organizations, (owners) => {
        const line = owners.map((organizationId, index) => ({ _id: `job_${index}`, organizationId }));
        const placeOf = placesIn(line, 'org_a');
        line.forEach(({ _id, organizationId }, index) => {
          if (organizationId !== 'org_a') return;
          const before = owners.slice(0, index);
          expect(placeOf(_id)).toEqual(
            place(
              before.filter((owner) => owner === 'org_a').length,
              before.filter((owner) => owner !== 'org_a').length,
            ),
          );
        });
        expect(placeOf('job_else')).toMatchObject({ position: line.length + 1, isBeyond: true });
      }),
    );
  });
});

describe('why a job waits', () => {
  it.each([
    [job(), place(0, 0), working, 'It is next: the first consumer that is free takes it.'],
    [
      job({ jobClass: 'LEAD', priority: 'LOW' }),
      place(2, 0),
      working,
      '2 jobs go before it, 2 of its own organization and 0 of others: within an organization the more ' +
        'urgent goes first, then what was queued first, and it is LEAD of LOW priority.',
    ],
    [
      job(),
      place(0, 1),
      working,
      '1 job goes before it, 0 of its own organization and 1 of others: organizations take turns by ' +
        'predicted work, and it is REST of NORMAL priority.',
    ],
    [job(), place(3, 9_997, true), working, /^At least 10000 jobs go before it/],
    [job(), place(1, 1), { isPaused: true, hasWorkers: false }, 'Processing is paused: it stays at place 3.'],
    [job(), place(1, 1), { isPaused: false, hasWorkers: false }, 'No worker is alive: it stays at place 3.'],
    [
      job({
        state: 'WAITING',
        availableAt: new Date('2026-01-01T00:00:09Z'),
        runs: [{ errorCode: 'SOURCE_UNREACHABLE' }] as Job['runs'],
      }),
      undefined,
      working,
      'The last attempt ended with SOURCE_UNREACHABLE: it is tried again after 2026-01-01T00:00:09.000Z.',
    ],
    [job({ kind: 'FINISH', state: 'WAITING' }), undefined, working, 'It waits for the last chunk.'],
  ])('is told in one sentence (%#)', (waiting, at, dispatching, told) => {
    const sentence = explainWait(waiting, at, dispatching);
    if (typeof told === 'string') expect(sentence).toBe(told);
    else expect(sentence).toMatch(told);
  });

  it('is not told of one that does not wait', () => {
    for (const state of ['CLAIMED', 'DONE', 'FAILED', 'CANCELLED'] as const) {
      expect(explainWait(job({ state }), undefined, working)).toBeUndefined();
    }
  });
});
