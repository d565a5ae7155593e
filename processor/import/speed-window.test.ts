import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSpeedWindow } from './speed-window.js';

const rule = { windowMs: 10_000, leastBytesPerSecond: 1_000 };

const pieces = fc.array(fc.record({ bytes: fc.nat(20_000), ms: fc.nat(8_000) }), { maxLength: 50 });

describe('the speed of a source', () => {
  it('is enough while every piece comes at the least speed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000)), (sizes) => {
        const speed = createSpeedWindow(rule);
        return sizes.every((bytes) => speed.add(bytes, bytes));
      }),
    );
  });

  it('is too low after two windows of less, whatever came before', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 5_000 }), (before, stepMs) => {
        const speed = createSpeedWindow(rule);
        for (const { bytes, ms } of before) speed.add(bytes, ms);
        const steps = Math.ceil((2 * rule.windowMs) / stepMs) + 1;
        const slow = Array.from({ length: steps }, () => speed.add(Math.floor(stepMs * 0.99), stepMs));
        return slow.includes(false);
      }),
    );
  });

  it('is an average: a pause is made up for by what follows', () => {
    const speed = createSpeedWindow(rule);
    expect(speed.add(0, 9_000)).toBe(true);
    expect(speed.add(50_000, 2_000)).toBe(true);
  });

  it('is too low when nothing comes at all', () => {
    expect(createSpeedWindow(rule).add(0, 10_000)).toBe(false);
  });
});
