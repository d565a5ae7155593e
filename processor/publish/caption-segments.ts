import path from 'node:path';
import { type Cue, webVtt } from '../../platform/captions/web-vtt.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { frameTime } from '../plan/grid.js';
import { toNumber } from '../plan/rational.js';
import { type Bandwidth, segmentBitRates } from './bandwidth.js';

/** How long a part of the captions is about, seconds: they are small, and players fetch few of them. */
const PART_SECONDS = 60;

/** The film's own clock starts at zero, and so do the times in its segments (RFC 8216 section 3.5). */
const TIMESTAMP_MAP = 'X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0';

type FilmTimes = Pick<TranscodePlan, 'segmentFrames' | 'frameRate' | 'frameCount'>;

/** A part of a film's captions: [start, end) on its clock, seconds. */
interface CaptionPart {
  start: number;
  end: number;
}

/** Parts of a film, each of whole segments of the other renditions, the last one as long as there is film. */
function captionParts(plan: FilmTimes): CaptionPart[] {
  const secondsAt = (frame: number): number => toNumber(frameTime(frame, plan.frameRate));
  const segments = Math.max(1, Math.round(PART_SECONDS / secondsAt(plan.segmentFrames)));
  const partFrames = segments * plan.segmentFrames;
  return Array.from({ length: Math.ceil(plan.frameCount / partFrames) }, (_, part) => ({
    start: secondsAt(part * partFrames),
    end: secondsAt(Math.min(plan.frameCount, (part + 1) * partFrames)),
  }));
}

/**
 * The WebVTT segments of a film's captions (RFC 8216 section 3.5), one after the other. A cue that crosses a
 * border is in every segment that it is shown in, with its whole time; what comes after the film is left out.
 */
export function* captionSegments(plan: FilmTimes, cues: readonly Cue[]): Generator<string> {
  const filmMs = Math.round(toNumber(frameTime(plan.frameCount, plan.frameRate)) * 1000);
  const shown = cues
    .filter(({ startMs }) => startMs < filmMs)
    .map((cue) => ({ ...cue, endMs: Math.min(cue.endMs, filmMs) }));
  for (const { start, end } of captionParts(plan)) {
    const within = shown.filter(({ startMs, endMs }) => startMs < end * 1000 && endMs > start * 1000);
    // The blank line at its end is for players that read one segment after the other as one file.
    yield `${webVtt(within, [TIMESTAMP_MAP])}\n`;
  }
}

const partSeconds = (plan: FilmTimes): number[] => captionParts(plan).map(({ start, end }) => end - start);

const targetSeconds = (seconds: readonly number[]): number => Math.max(1, Math.round(Math.max(...seconds)));

/** The bandwidth of captions whose segments have these sizes, bytes. */
export function captionBandwidth(plan: FilmTimes, sizes: readonly number[]): Bandwidth {
  const lengths = partSeconds(plan);
  const pieces = lengths.map((seconds, part) => ({ seconds, bytes: sizes[part] ?? 0 }));
  return segmentBitRates(pieces, targetSeconds(lengths));
}

/** The media playlist of a film's captions: whole from the start, since they are made at once. */
export function captionPlaylist(plan: FilmTimes, captionsId: string): string {
  const seconds = partSeconds(plan);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetSeconds(seconds)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...seconds.flatMap((length, part) => [
      `#EXTINF:${length.toFixed(6)},`,
      path.posix.basename(hlsFiles.captions(captionsId, part)),
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}
