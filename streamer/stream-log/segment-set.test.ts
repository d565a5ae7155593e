import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SegmentSet } from './segment-set.js';

describe('a set of segments', () => {
  it('counts each segment once, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60 }), { maxLength: 200 }), (segments) => {
        const set = new SegmentSet();
        const known = new Set<number>();
        for (const segment of segments) {
          expect(set.add(segment)).toBe(!known.has(segment));
          known.add(segment);
          expect(set.size).toBe(known.size);
        }
      }),
    );
  });

  it('goes on counting whoever jumps about without end', () => {
    const set = new SegmentSet();
    for (let segment = 0; segment < 2_000; segment += 2) set.add(segment);
    expect(set.size).toBe(1_000);
    // The first ones are remembered, the last ones are not.
    expect(set.add(0)).toBe(false);
    expect(set.add(1_998)).toBe(true);
  });
});
