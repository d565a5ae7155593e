import type { FfmpegOutput } from './ffmpeg.js';

/** Scaler options for JFIF, whose colours are BT.601, full range; `format=yuv420p` has to follow. */
export const jpegColors = (matrix: string): string =>
  `flags=bicubic:in_color_matrix=${matrix}:out_color_matrix=bt601:out_range=full`;

/**
 * Writes the output of a filter graph as one JPEG file; `quality` from 2, the best, to 31. Of several
 * `pictures` each replaces the one before.
 */
export function jpegOutput(
  label: string,
  target: string,
  { quality, pictures }: { quality: number; pictures: number },
): FfmpegOutput {
  // The encoder's own full-range formats are deprecated in the scaler, which complains of every use.
  const encoder = ['-c:v', 'mjpeg', '-strict', 'unofficial', '-color_range', 'pc', '-q:v', String(quality)];
  const frames = ['-frames:v', String(pictures), '-fps_mode', 'passthrough'];
  return { options: ['-map', label, ...encoder, ...frames, '-f', 'image2', '-update', '1'], target };
}
