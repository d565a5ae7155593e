import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTally } from './tally.js';

describe('a tally', () => {
  it('has as many open as were taken and not given back, and never more than the limit', () => {
    const step = fc.record({ owner: fc.constantFrom('a', 'b'), give: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step), (max, steps) => {
        const tally = createTally();
        const open: Record<string, (() => void)[]> = { a: [], b: [] };
        for (const { owner, give, which } of steps) {
          const own = open[owner] ?? [];
          if (give) {
            const [release] = own.splice(which % Math.max(1, own.length), 1);
            release?.();
            release?.();
            continue;
          }
          const release = tally.take(owner, max);
          expect(release === undefined).toBe(own.length === max);
          if (release) own.push(release);
        }
      }),
    );
  });
});
