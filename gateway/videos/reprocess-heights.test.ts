import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ladder } from '../../schema/ladder.js';
import { fittingHeights } from './reprocess-heights.js';

const rungs = ladder.map(({ height }) => height);

describe('the heights of a generation', () => {
  it('are refused exactly where none of them fits the picture, whichever way it is turned', () => {
    const wanted = fc.subarray(rungs, { minLength: 1 });
    const side = fc.integer({ min: 2, max: 5000 });
    fc.assert(
      fc.property(wanted, side, side, (heights, width, height) => {
        const attempt = () => fittingHeights(heights, { width, height, durationSeconds: 1 });
        if (Math.min(...heights) <= Math.min(width, height)) expect(attempt()).toEqual(heights);
        else expect(attempt).toThrow('none of the renditions fits');
      }),
    );
  });

  it('are left to the plan where the source was never read, and refused for sound alone', () => {
    expect(fittingHeights([2160], undefined)).toEqual([2160]);
    expect(fittingHeights([2160], {})).toEqual([2160]);
    expect(() => fittingHeights([240], { durationSeconds: 3 })).toThrow('no picture');
  });
});
