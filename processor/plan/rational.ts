/**
 * Exact fractions. Times of a film are sums of thousandths and ninety-thousandths: a rounding error in
 * one of them moves a chunk by a frame. Worked out in BigInt, kept as safe integers in lowest terms.
 */
import type { Rational } from '../../schema/transcode-plan.js';

function reduced(num: bigint, den: bigint): Rational {
  if (den === 0n) throw new RangeError('A fraction needs a denominator other than 0.');
  let a = num < 0n ? -num : num;
  let b = den < 0n ? -den : den;
  while (b) [a, b] = [b, a % b];
  const sign = den < 0n ? -1n : 1n;
  const value = { num: Number((sign * num) / a), den: Number((sign * den) / a) };
  if (!Number.isSafeInteger(value.num) || !Number.isSafeInteger(value.den)) {
    throw new RangeError('A fraction does not fit safe integers.');
  }
  return value;
}

/** `num / den` in lowest terms, the denominator positive. Throws RangeError for a denominator of 0. */
export const rational = (num: number, den = 1): Rational => reduced(BigInt(num), BigInt(den));

export const zero: Rational = { num: 0, den: 1 };

/** Reads `30000/1001`, `4:3` and `12.345678`; undefined for anything else, `0/0` included. */
export function parseRational(text: string | undefined): Rational | undefined {
  const fraction = /^(-?\d{1,15})[/:](\d{1,15})$/.exec(text ?? '');
  if (fraction)
    return fraction[2] && Number(fraction[2])
      ? rational(Number(fraction[1]), Number(fraction[2]))
      : undefined;
  const decimal = /^(-?)(\d{1,12})(?:\.(\d{1,6})\d*)?$/.exec(text ?? '');
  if (!decimal) return undefined;
  const millionths = Number(decimal[2]) * 1e6 + Number((decimal[3] ?? '').padEnd(6, '0'));
  return rational(decimal[1] ? -millionths : millionths, 1e6);
}

export function add(a: Rational, b: Rational): Rational {
  return reduced(
    BigInt(a.num) * BigInt(b.den) + BigInt(b.num) * BigInt(a.den),
    BigInt(a.den) * BigInt(b.den),
  );
}

export const negate = (a: Rational): Rational => ({ num: a.num === 0 ? 0 : -a.num, den: a.den });

export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));

export const multiply = (a: Rational, b: Rational): Rational =>
  reduced(BigInt(a.num) * BigInt(b.num), BigInt(a.den) * BigInt(b.den));

/** Throws RangeError when `b` is 0. */
export const divide = (a: Rational, b: Rational): Rational =>
  reduced(BigInt(a.num) * BigInt(b.den), BigInt(a.den) * BigInt(b.num));

/** Negative, 0 or positive, as `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = BigInt(a.num) * BigInt(b.den) - BigInt(b.num) * BigInt(a.den);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const least = (first: Rational, ...rest: Rational[]): Rational =>
  rest.reduce((found, value) => (compare(value, found) < 0 ? value : found), first);

export const greatest = (first: Rational, ...rest: Rational[]): Rational =>
  rest.reduce((found, value) => (compare(value, found) > 0 ? value : found), first);

/** Largest integer that is not greater. */
export function floor(a: Rational): number {
  const num = BigInt(a.num);
  const den = BigInt(a.den);
  const cut = num / den;
  return Number(num < 0n && cut * den !== num ? cut - 1n : cut);
}

/** Smallest integer that is not less. */
export const ceil = (a: Rational): number => -floor(negate(a)) || 0;

/** Nearest integer, halves upwards. */
export const round = (a: Rational): number => floor(add(a, { num: 1, den: 2 }));

export const toNumber = (a: Rational): number => a.num / a.den;
