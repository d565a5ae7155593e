import type { Rational } from '../../schema/transcode-plan.js';
import { compare, divide, rational, round, subtract, toNumber } from './rational.js';

/** Rates that films are made in; the fastest is the cap. */
const standardRates = [
  rational(24000, 1001),
  rational(24),
  rational(25),
  rational(30000, 1001),
  rational(30),
  rational(48000, 1001),
  rational(48),
  rational(50),
  rational(60000, 1001),
  rational(60),
];
const SLOWEST = 5;
const FASTEST = 60;
const AGREEMENT = rational(1, 500);
const SNAP = rational(1, 2000);

function within(value: Rational, target: Rational, tolerance: Rational): boolean {
  const off = divide(subtract(value, target), target);
  return compare({ num: Math.abs(off.num), den: off.den }, tolerance) < 0;
}

/** The standard rate, else the whole rate from 5 to 60, that lies within 1/2000 of `rate`. */
export function snapFrameRate(rate: Rational): Rational | undefined {
  if (rate.num <= 0) return undefined;
  const standard = standardRates.find((candidate) => within(rate, candidate, SNAP));
  if (standard) return standard;
  const whole = round(rate);
  if (whole < SLOWEST || whole > FASTEST) return undefined;
  return within(rate, rational(whole), SNAP) ? rational(whole) : undefined;
}

/**
 * The constant rate that the container's two claims agree on: ffprobe's `r_frame_rate` (the lowest rate
 * that represents every timestamp) and `avg_frame_rate`. Undefined when the timestamps must be asked.
 */
export function declaredFrameRate(
  real: Rational | undefined,
  average: Rational | undefined,
): Rational | undefined {
  if (!real || !average || real.num <= 0 || !within(average, real, AGREEMENT)) return undefined;
  return compare(average, rational(FASTEST)) > 0 ? slowedDown(average) : snapFrameRate(average);
}

/** Every second, fourth... frame of a rate above the cap: 119.88 becomes 59.94, 100 becomes 50. */
function slowedDown(rate: Rational): Rational {
  let slower = rate;
  while (compare(slower, rational(FASTEST)) > 0 && !snapFrameRate(slower))
    slower = divide(slower, rational(2));
  return snapFrameRate(slower) ?? rational(FASTEST);
}

/** A rate fit for `average` when there are too few timestamps to tell: the next standard rate upwards. */
function rateFromAverage(average: Rational | undefined): Rational {
  if (!average || average.num <= 0) return rational(30);
  const snapped = snapFrameRate(average);
  if (snapped) return snapped;
  const floor = toNumber(average) * 0.99;
  return standardRates.find((rate) => toNumber(rate) >= floor) ?? rational(FASTEST);
}

/**
 * The rate of a grid on which a film with these presentation times (seconds, any order) keeps its
 * frames: a standard rate if the spacing is even, else 30 or 60.
 */
export function measuredFrameRate(times: readonly number[], average: Rational | undefined): Rational {
  const sorted = [...times].sort((a, b) => a - b);
  const gaps = sorted
    .slice(1)
    .map((time, index) => time - (sorted[index] ?? time))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  const at = (share: number): number => gaps[Math.floor(gaps.length * share)] ?? 0;
  if (gaps.length < 10) return rateFromAverage(average);
  const typical = 1 / at(0.5);
  if (at(0.9) < 1.1 * at(0.1)) {
    const near = standardRates
      .map((rate) => ({ rate, off: Math.abs(toNumber(rate) - typical) / toNumber(rate) }))
      .filter(({ off }) => off < 0.01)
      .sort((a, b) => a.off - b.off)[0];
    if (near) return near.rate;
  }
  return typical <= 31.5 ? rational(30) : rational(FASTEST);
}
