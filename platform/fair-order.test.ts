import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jobClasses } from '../schema/job.js';
import { costByClass, ranksFrom } from './fair-order.js';

const requests = fc.array(
  fc.record({ jobClass: fc.constantFrom(...jobClasses), cost: fc.integer({ min: 1, max: 100 }) }),
  { maxLength: 50 },
);

describe('ranksFrom', () => {
  it('lets each job of a class start where the one before it ends', () => {
    const ranks = ranksFrom({ URGENT: 1, LEAD: 15, REST: 30 }, [
      { jobClass: 'LEAD', cost: 2 },
      { jobClass: 'URGENT', cost: 1 },
      { jobClass: 'LEAD', cost: 3 },
    ]);
    expect(ranks).toEqual([10, 0, 12]);
  });

  it('uses exactly what was charged, in the order given', () => {
    fc.assert(
      fc.property(requests, (jobs) => {
        const charged = costByClass(jobs);
        const ranks = ranksFrom(charged, jobs);
        for (const jobClass of jobClasses) {
          const own = jobs.flatMap((job, i) =>
            job.jobClass === jobClass ? [(ranks[i] ?? NaN) + job.cost] : [],
          );
          expect(own).toEqual(own.toSorted((a, b) => a - b));
          if (own.length > 0) expect(own.at(-1)).toBe(charged[jobClass]);
        }
      }),
    );
  });
});
