import { vttTime } from '../../platform/captions/web-vtt.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import { segmentOf } from '../plan/grid.js';
import { toNumber } from '../plan/rational.js';

const timestamp = (seconds: number): string => vttTime(Math.round(seconds * 1000));

function chunkCues(plan: TranscodePlan, { chunkIndex, attempt, sprite }: ChunkResult): string[] {
  const chunk = plan.chunks[chunkIndex];
  if (!chunk || !sprite) return [];
  const rate = toNumber(plan.frameRate);
  const sheet = hlsFiles.sprite(segmentOf(chunk.startFrame, plan), attempt);
  return Array.from({ length: sprite.columns }, (_, column) => {
    const start = chunk.startFrame + column * plan.segmentFrames;
    const end = Math.min(chunk.endFrame, start + plan.segmentFrames);
    const area = `${column * sprite.tileWidth},0,${sprite.tileWidth},${sprite.tileHeight}`;
    return `${timestamp(start / rate)} --> ${timestamp(end / rate)}\n${sheet}#xywh=${area}\n`;
  });
}

/**
 * Thumbnails along the film as WebVTT metadata: a cue for each segment, whose text is the sprite sheet
 * and the area in it (Media Fragments URI, section 4.2.2). Undefined for sound alone.
 */
export function storyboardVtt(plan: TranscodePlan, results: readonly ChunkResult[]): string | undefined {
  const cues = [...results]
    .sort((a, b) => a.chunkIndex - b.chunkIndex)
    .flatMap((result) => chunkCues(plan, result));
  return cues.length ? `WEBVTT\n\n${cues.join('\n')}` : undefined;
}
