import { videoTrackName } from '../../schema/blob-paths.js';
import { ladder, type Rung } from '../../schema/ladder.js';
import type { PlannedVideoTrack, Rational } from '../../schema/transcode-plan.js';
import type { DisplaySize } from './display-size.js';
import { divide, floor, least, multiply, rational, round } from './rational.js';

const HALF = rational(1, 2);
/** Nearest even number of pixels, 2 at least: 4:2:0 halves both sides. */
const even = (side: Rational): number => Math.max(2, 2 * round(multiply(side, HALF)));

/**
 * The renditions of a picture of this size, tallest first: every rung of the ladder whose short side is
 * no longer than the picture's own and `maxHeight`; of these the `wanted` ones, or the lowest where none of them
 * is. A smaller picture gets one of its own size.
 */
export function planRungs(
  size: DisplaySize,
  maxHeight: number,
  wanted?: readonly number[],
): PlannedVideoTrack[] {
  const short = least(size.width, size.height);
  const room = Math.min(floor(short), maxHeight);
  const lowest = ladder.at(-1)?.maxRateKbps ?? 0;
  const fitting = ladder.filter((rung) => rung.height <= room);
  const chosen = wanted && fitting.length ? chooseRungs(fitting, wanted) : fitting;
  const rungs = chosen.length ? chosen : [{ height: Math.max(2, room - (room % 2)), maxRateKbps: lowest }];
  return rungs.map(({ height, maxRateKbps }) => {
    const scale = divide(rational(height), short);
    return {
      name: videoTrackName(height),
      height,
      encodedWidth: even(multiply(size.width, scale)),
      encodedHeight: even(multiply(size.height, scale)),
      maxRateKbps,
    };
  });
}

function chooseRungs(fitting: readonly Rung[], wanted: readonly number[]): readonly Rung[] {
  const chosen = fitting.filter(({ height }) => wanted.includes(height));
  return chosen.length ? chosen : fitting.slice(-1);
}
