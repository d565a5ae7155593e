import type { PlannedChunk } from '../../schema/transcode-plan.js';

/**
 * Cuts a film into chunks of whole segments. The first, the opener, is a single segment, so that
 * playback starts after the least work there can be. A tail shorter than half a segment joins the chunk
 * before it, as a segment of its own.
 */
export function chunkList(film: {
  frameCount: number;
  segmentFrames: number;
  segmentsPerChunk: number;
}): PlannedChunk[] {
  const { frameCount, segmentFrames } = film;
  const full = segmentFrames * Math.max(1, film.segmentsPerChunk);
  const chunks: PlannedChunk[] = [];
  let startFrame = 0;
  while (startFrame < frameCount) {
    const wanted = startFrame + (startFrame === 0 ? segmentFrames : full);
    const endFrame = frameCount - wanted < segmentFrames / 2 ? frameCount : wanted;
    chunks.push({ index: chunks.length, startFrame, endFrame });
    startFrame = endFrame;
  }
  return chunks;
}
