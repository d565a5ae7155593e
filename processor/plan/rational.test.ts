import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  add,
  ceil,
  compare,
  divide,
  floor,
  multiply,
  parseRational,
  rational,
  round,
  subtract,
} from './rational.js';

const fractions = fc
  .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }))
  .map(([num, den]) => rational(num, den));

describe('rational', () => {
  it('keeps lowest terms and a positive denominator', () => {
    expect(rational(6, -4)).toEqual({ num: -3, den: 2 });
    expect(rational(0, 7)).toEqual({ num: 0, den: 1 });
    expect(() => rational(1, 0)).toThrow(RangeError);
  });

  it('reads what ffprobe writes', () => {
    expect(parseRational('30000/1001')).toEqual({ num: 30000, den: 1001 });
    expect(parseRational('64:45')).toEqual({ num: 64, den: 45 });
    expect(parseRational('-0.500000')).toEqual({ num: -1, den: 2 });
    expect(parseRational('12')).toEqual({ num: 12, den: 1 });
    for (const text of ['0/0', '1:0', 'N/A', '', '1e5', undefined])
      expect(parseRational(text)).toBeUndefined();
  });

  it('rounds both ways around zero', () => {
    expect([floor(rational(-3, 2)), ceil(rational(-3, 2)), round(rational(-3, 2))]).toEqual([-2, -1, -1]);
    expect([floor(rational(3, 2)), ceil(rational(3, 2)), round(rational(3, 2))]).toEqual([1, 2, 2]);
    expect(Object.is(ceil(rational(-1, 2)), 0)).toBe(true);
  });

  it('subtracts what it added and divides what it multiplied', () => {
    fc.assert(
      fc.property(fractions, fractions, (a, b) => {
        expect(subtract(add(a, b), b)).toEqual(a);
        if (b.num !== 0) expect(divide(multiply(a, b), b)).toEqual(a);
        expect(Math.sign(compare(a, b))).toBe(Math.sign(a.num / a.den - b.num / b.den));
      }),
    );
  });

  it('refuses a result it could not hold exactly', () => {
    expect(() => multiply(rational(Number.MAX_SAFE_INTEGER), rational(3))).toThrow(RangeError);
  });
});
