import path from 'node:path';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { segmentOf, targetDuration } from '../plan/grid.js';
import { type Bandwidth, type Piece, segmentBitRates } from './bandwidth.js';
import type { PublishedChunk } from './published-prefix.js';

/** A key frame as a range of its segment, from the segment's start: with the boxes that say what it is. */
interface KeyFrame extends Piece {
  segment: string;
}

/** The key frames of a rendition, one for each segment; undefined where nobody has noted where they end. */
function keyFrames(plan: TranscodePlan, chunks: readonly PublishedChunk[]): KeyFrame[] | undefined {
  const frames: KeyFrame[] = [];
  for (const { chunk, attempt, track } of chunks) {
    const first = segmentOf(chunk.startFrame, plan);
    for (const [index, { ticks, keyFrameEnd }] of track.segments.entries()) {
      if (keyFrameEnd === undefined) return undefined;
      const segment = path.posix.basename(hlsFiles.segment(track.name, first + index, attempt));
      frames.push({ segment, bytes: keyFrameEnd, seconds: ticks / plan.timescale });
    }
  }
  return frames.length ? frames : undefined;
}

/** What an I-frame playlist of these chunks of a rendition asks for; undefined where there can be none. */
export function keyFrameBandwidth(
  plan: TranscodePlan,
  chunks: readonly PublishedChunk[],
): Bandwidth | undefined {
  const frames = keyFrames(plan, chunks);
  return frames && segmentBitRates(frames, targetDuration(plan));
}

/**
 * The I-frame playlist of one video rendition (RFC 8216 section 4.3.3.6), from all its chunks: it asks for the start
 * of each published segment, up to the end of its key frame, so that no picture is stored twice. Each picture lasts
 * until the next one. undefined where its chunks do not say where key frames end. URIs are relative to the playlist.
 */
export function iframePlaylist(plan: TranscodePlan, chunks: readonly PublishedChunk[]): string | undefined {
  const frames = keyFrames(plan, chunks);
  const [opener] = chunks;
  if (!frames || !opener) return undefined;
  const init = path.posix.basename(hlsFiles.init(opener.track.name, opener.attempt));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetDuration(plan)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-I-FRAMES-ONLY',
    `#EXT-X-MAP:URI="${init}"`,
    ...frames.flatMap(({ segment, bytes, seconds }) => [
      `#EXTINF:${seconds.toFixed(6)},`,
      `#EXT-X-BYTERANGE:${bytes}@0`,
      segment,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}
