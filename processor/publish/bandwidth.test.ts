import { describe, expect, it } from '@jest/globals';
import { planFixture, probeFixture, resultFixture } from '../../test/media/probe-fixture.js';
import { measuredBandwidth, promisedBandwidth, segmentBitRates } from './bandwidth.js';
import { publishedPrefix } from './published-prefix.js';

const pieces = (...of: [bytes: number, seconds: number][]) =>
  of.map(([bytes, seconds]) => ({ bytes, seconds }));

describe('segmentBitRates', () => {
  it('takes the worst pieces in a row of 0.5 to 1.5 target durations for the peak', () => {
    expect(segmentBitRates(pieces([1000, 4], [3000, 4], [2000, 4]), 4)).toEqual({
      ...{ peakBps: 6000, averageBps: 4000 },
    });
    // The two short ones together are as long as 0.5 target durations.
    expect(segmentBitRates(pieces([1000, 4], [2500, 1], [500, 1], [1000, 4]), 4).peakBps).toBe(12_000);
  });

  it('does not take a piece for a peak that is shorter than 0.5 target durations', () => {
    // With its neighbour: 3000 bytes in 4.5 s.
    expect(segmentBitRates(pieces([1000, 4], [2000, 0.5]), 4).peakBps).toBe(5334);
  });

  it('takes the whole for a peak where it is shorter than that', () => {
    expect(segmentBitRates(pieces([500, 0.5], [100, 0.1]), 4)).toEqual({ peakBps: 8000, averageBps: 8000 });
  });

  it('is zero of nothing', () => {
    expect(segmentBitRates([], 4)).toEqual({ peakBps: 0, averageBps: 0 });
  });
});

describe('a rendition', () => {
  const plan = planFixture(probeFixture(), { chunkSeconds: 8 });

  it('is measured from its published segments', () => {
    const prefix = publishedPrefix(plan, [
      resultFixture(plan, 0),
      resultFixture(plan, 1, { bytes: 600_000 }),
    ]);
    // 600,000 bytes in 4.004 s; 500,000 once and 600,000 twice.
    expect(measuredBandwidth(plan, prefix.get('v720') ?? [])).toEqual({
      peakBps: 1_198_802,
      averageBps: Math.ceil((1_700_000 * 8) / 12.012),
    });
  });

  it('promises no less than its maxrate before it is measured, and room for sound', () => {
    const [tallest] = plan.videoTracks;
    expect(promisedBandwidth(tallest)).toEqual({ peakBps: 7_650_000, averageBps: 5_150_000 });
    expect(promisedBandwidth(undefined)).toEqual({ peakBps: 150_000, averageBps: 150_000 });
  });
});
