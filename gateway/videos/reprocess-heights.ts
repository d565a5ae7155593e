import { AppError } from '../../schema/errors.js';
import type { VideoSource } from '../../schema/video.js';

/**
 * Heights as they are wanted, checked against what is known of the source: of one that was never read,
 * nothing is, and then its plan decides.
 * @throws AppError BAD_USER_INPUT (heights) where none of them fits
 */
export function fittingHeights(
  heights: readonly number[],
  source: Pick<VideoSource, 'width' | 'height' | 'durationSeconds'> | undefined,
): readonly number[] {
  const { width, height, durationSeconds } = source ?? {};
  if (durationSeconds === undefined) return heights;
  const short = Math.min(width ?? 0, height ?? 0);
  if (heights.some((wanted) => wanted <= short)) return heights;
  const message = short
    ? `The source has ${short} lines: none of the renditions fits.`
    : 'The source has no picture.';
  throw new AppError('BAD_USER_INPUT', { field: 'heights', message });
}
