import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chargeExpression, costByFlow, flowNames, ranksFrom } from './fair-order.js';

const requests = fc.array(
  fc.record({ flow: fc.constantFrom(...flowNames), cost: fc.integer({ min: 1, max: 100 }) }),
  { maxLength: 50 },
);

describe('ranksFrom', () => {
  it('lets each job of a flow start where the one before it ends', () => {
    const ranks = ranksFrom({ ...costByFlow([]), NORMAL_URGENT: 1, NORMAL_LEAD: 15, NORMAL_REST: 30 }, [
      { flow: 'NORMAL_LEAD', cost: 2 },
      { flow: 'NORMAL_URGENT', cost: 1 },
      { flow: 'NORMAL_LEAD', cost: 3 },
    ]);
    expect(ranks).toEqual([10, 0, 12]);
  });

  it('uses exactly what was charged, in the order given', () => {
    fc.assert(
      fc.property(requests, (jobs) => {
        const charged = costByFlow(jobs);
        const ranks = ranksFrom(charged, jobs);
        for (const flow of flowNames) {
          const own = jobs.flatMap((job, i) => (job.flow === flow ? [(ranks[i] ?? NaN) + job.cost] : []));
          expect(own).toEqual(own.toSorted((a, b) => a - b));
          if (own.length > 0) expect(own.at(-1)).toBe(charged[flow]);
        }
      }),
    );
  });
});

describe('chargeExpression', () => {
  it('charges a flow and those that are less urgent, and no other', () => {
    const expression = chargeExpression(costByFlow([{ flow: 'NORMAL_REST', cost: 7 }]), 0);
    const charges = flowNames.map((flow) => (expression[flow] as { $add: [object, number] }).$add[1]);
    expect(charges).toEqual([0, 0, 0, 0, 0, 7, 7, 7, 7]);
  });
});
