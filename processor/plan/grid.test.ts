import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstPacket, frameTime, segmentFrames, targetDuration, timescaleOf } from './grid.js';
import { rational, toNumber } from './rational.js';

const ntsc = rational(30000, 1001);
const rates = fc.constantFrom(
  rational(24000, 1001),
  rational(25),
  ntsc,
  rational(30),
  rational(60),
  rational(8),
);

describe('the grid', () => {
  it('makes segments of about four seconds out of whole frames', () => {
    expect(segmentFrames(rational(25), 4)).toBe(100);
    expect(segmentFrames(ntsc, 4)).toBe(120);
    expect(segmentFrames(rational(24000, 1001), 4)).toBe(96);
    expect(segmentFrames(rational(25), 2.5)).toBe(63);
  });

  it('gives every frame a whole number of ticks', () => {
    fc.assert(
      fc.property(rates, (rate) => {
        expect(Number.isInteger((timescaleOf(rate) * rate.den) / rate.num)).toBe(true);
      }),
    );
  });

  it('starts the sound of a frame with the first packet that is not before it', () => {
    fc.assert(
      fc.property(rates, fc.nat(1e6), (rate, frame) => {
        const seconds = toNumber(frameTime(frame, rate));
        const start = (firstPacket(frame, rate) * 1024) / 48_000;
        expect(start).toBeGreaterThan(seconds - 1e-9);
        expect(start - 1024 / 48_000).toBeLessThan(seconds);
      }),
    );
  });

  it('rounds the target duration as players do', () => {
    expect(targetDuration({ segmentFrames: 120, frameRate: ntsc })).toBe(4);
    expect(targetDuration({ segmentFrames: 112, frameRate: rational(25) })).toBe(5);
  });
});
