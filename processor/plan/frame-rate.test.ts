import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Rational } from '../../schema/transcode-plan.js';
import { declaredFrameRate, measuredFrameRate, snapFrameRate } from './frame-rate.js';
import { parseRational, rational } from './rational.js';

const rate = (text: string): Rational => parseRational(text)!;
const every = (seconds: number, count = 100): number[] =>
  Array.from({ length: count }, (_, n) => n * seconds);

describe('declaredFrameRate', () => {
  it.each([
    ['30/1', '30/1', '30/1'],
    ['30000/1001', '30000/1001', '30000/1001'],
    ['30000/1001', '2997/100', '30000/1001'],
    ['24000/1001', '23976/1000', '24000/1001'],
    ['25/1', '25012/1000', '25/1'],
    ['8/1', '8/1', '8/1'],
    ['120/1', '120/1', '60/1'],
    ['120000/1001', '120000/1001', '60000/1001'],
    ['100/1', '100/1', '50/1'],
    ['75/1', '75/1', '60/1'],
  ])('takes %s and %s for %s', (real, average, expected) => {
    expect(declaredFrameRate(rate(real), rate(average))).toEqual(rate(expected));
  });

  it('asks the timestamps when the claims differ, or no known rate is near', () => {
    expect(declaredFrameRate(rate('60/1'), rate('27/1'))).toBeUndefined();
    expect(declaredFrameRate(rate('25/2'), rate('25/2'))).toBeUndefined();
    expect(declaredFrameRate(undefined, rate('25/1'))).toBeUndefined();
    expect(declaredFrameRate(rational(0), rational(0))).toBeUndefined();
  });
});

describe('measuredFrameRate', () => {
  it('finds the standard rate of an even spacing', () => {
    expect(measuredFrameRate(every(1001 / 24000), undefined)).toEqual(rate('24000/1001'));
    expect(measuredFrameRate(every(1 / 50).reverse(), undefined)).toEqual(rate('50/1'));
  });

  it('gives uneven spacings 30, or 60 when they are closer', () => {
    const phone = [...every(1 / 24), ...every(1 / 31).map((time) => time + 10)];
    expect(measuredFrameRate(phone, rate('27/1'))).toEqual(rate('30/1'));
    const game = [...every(1 / 48), ...every(1 / 60).map((time) => time + 10)];
    expect(measuredFrameRate(game, rate('55/1'))).toEqual(rate('60/1'));
  });

  it('falls back on the average when there are too few frames to tell', () => {
    expect(measuredFrameRate([0], rate('25/1'))).toEqual(rate('25/1'));
    expect(measuredFrameRate([], rate('265/10'))).toEqual(rate('30000/1001'));
    expect(measuredFrameRate([], undefined)).toEqual(rate('30/1'));
  });

  it('always answers with a whole rate or a standard one, 60 at most', () => {
    const times = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 1e6 }), (pts, thousandths) => {
        const found = measuredFrameRate(pts, rational(thousandths, 1000));
        expect(found.num / found.den).toBeLessThanOrEqual(60);
        expect(snapFrameRate(found)).toEqual(found);
      }),
    );
  });
});
