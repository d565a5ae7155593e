import type { PlannedChunk } from '../../schema/transcode-plan.js';

/** The opener alone is short. */
const OPENER_ONLY = [1];

/**
 * Segments of the first chunks for viewers who start at once: a chunk can be played only when it is
 * whole, so a long one right after the opener would make them wait. Each of these is ready before the
 * ones before it have been watched, if the lead is made at 1.8 times real time.
 */
export const STARTING_RAMP: readonly number[] = [1, 1, 2, 3, 4];

/**
 * Cuts a film into chunks of whole segments. The first ones have as many as `ramp` says, never more than
 * the others: the opener is a single segment, so that playback starts after the least work there can be.
 * A tail shorter than half a segment joins the chunk before it, as a segment of its own.
 */
export function chunkList(film: {
  frameCount: number;
  segmentFrames: number;
  segmentsPerChunk: number;
  ramp?: readonly number[];
}): PlannedChunk[] {
  const { frameCount, segmentFrames, ramp = OPENER_ONLY } = film;
  const full = Math.max(1, film.segmentsPerChunk);
  const chunks: PlannedChunk[] = [];
  let startFrame = 0;
  while (startFrame < frameCount) {
    const segments = Math.min(full, ramp[chunks.length] ?? full);
    const wanted = startFrame + segments * segmentFrames;
    const endFrame = frameCount - wanted < segmentFrames / 2 ? frameCount : wanted;
    chunks.push({ index: chunks.length, startFrame, endFrame });
    startFrame = endFrame;
  }
  return chunks;
}
