import type { Rational } from '../../schema/transcode-plan.js';
import type { ProbedStream } from './probe.js';
import { compare, divide, multiply, parseRational, rational } from './rational.js';

/** Size of a picture as shown, in square pixels: exact, so perhaps not whole. */
export interface DisplaySize {
  width: Rational;
  height: Rational;
}

/** Degrees by which the container says to turn the picture, 0 to 359. */
const rotationOf = (stream: ProbedStream): number => {
  const turned = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  return ((Math.round(turned) % 360) + 360) % 360;
};

/** Pixels more oblong than this are a damaged header, not a film. */
const OBLONG = rational(8);

/** Width over height of one pixel; 1 unless the stream says so credibly. */
function pixelShape(stream: ProbedStream): Rational {
  const declared = parseRational(stream.sample_aspect_ratio);
  if (!declared || declared.num <= 0) return rational(1);
  const credible = compare(declared, OBLONG) <= 0 && compare(multiply(declared, OBLONG), rational(1)) >= 0;
  return credible ? declared : rational(1);
}

/** The size at which a stream is meant to be seen: pixel shape and rotation applied, nothing enlarged. */
export function displaySize(stream: ProbedStream): DisplaySize {
  const width = rational(stream.width ?? 0);
  const height = rational(stream.height ?? 0);
  const shape = pixelShape(stream);
  const tall = compare(shape, rational(1)) < 0;
  const shown = tall ? { width, height: divide(height, shape) } : { width: multiply(width, shape), height };
  const onItsSide = [90, 270].includes(rotationOf(stream));
  return onItsSide ? { width: shown.height, height: shown.width } : shown;
}
