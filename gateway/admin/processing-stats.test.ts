import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { percentile, processingFigures } from './processing-stats.js';

describe('a percentile', () => {
  it('is a value that at least so many per cent do not exceed, and the least such', () => {
    const values = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (unsorted, percent) => {
        const sorted = unsorted.toSorted((a, b) => a - b);
        const found = percentile(sorted, percent) ?? NaN;
        const atMost = (limit: number) => sorted.filter((value) => value <= limit).length;
        expect(sorted).toContain(found);
        expect(100 * atMost(found)).toBeGreaterThanOrEqual(percent * sorted.length);
        expect(100 * atMost(found - 1)).toBeLessThan(percent * sorted.length);
      }),
    );
  });

  it('of nothing is nothing', () => {
    expect(percentile([], 95)).toBeNull();
  });
});

describe('the figures of processing', () => {
  it('tell speed by the lengths and times of READY videos alone', () => {
    const figures = processingFigures({
      ended: [
        { status: 'READY', count: 2, mediaSeconds: 300, wallSeconds: 200 },
        { status: 'FAILED', count: 3, mediaSeconds: 999, wallSeconds: 1 },
      ],
      retried: 4,
      timesToPlayable: [10, 1, 5],
    });
    expect(figures).toEqual({
      ...{ done: 2, failed: 3, stopped: 0, retried: 4, meanSpeed: 1.5 },
      ...{ timeToPlayableP50Seconds: 5, timeToPlayableP95Seconds: 10, timeToPlayableSamples: 3 },
    });
  });

  it('know nothing of nothing', () => {
    const figures = processingFigures({ ended: [], retried: 0, timesToPlayable: [] });
    expect(figures).toMatchObject({ done: 0, meanSpeed: null, timeToPlayableP50Seconds: null });
  });
});
