import path from 'node:path';
import { hlsFiles } from '../../schema/blob-paths.js';
import { audioProfile } from '../../schema/ladder.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { segmentOf, targetDuration } from '../plan/grid.js';
import type { PublishedChunk } from './published-prefix.js';

/** Ticks a second of a track. */
export const timescaleOfTrack = (plan: TranscodePlan, name: string): number =>
  plan.videoTracks.some((track) => track.name === name) ? plan.timescale : audioProfile.sampleRate;

function segmentLines(plan: TranscodePlan, { chunk, attempt, track }: PublishedChunk): string[] {
  const timescale = timescaleOfTrack(plan, track.name);
  const first = segmentOf(chunk.startFrame, plan);
  return track.segments.flatMap(({ ticks }, index) => [
    `#EXTINF:${(ticks / timescale).toFixed(6)},`,
    path.posix.basename(hlsFiles.segment(track.name, first + index, attempt)),
  ]);
}

/**
 * The media playlist of one track (RFC 8216 section 4.3.3) for its chunks from the start of the film;
 * undefined if there are none. While the film grows, lines are only ever appended; `ended` closes it.
 * URIs are relative to the playlist.
 */
export function mediaPlaylist(options: {
  plan: TranscodePlan;
  chunks: readonly PublishedChunk[];
  ended: boolean;
}): string | undefined {
  const { plan, chunks, ended } = options;
  const [opener] = chunks;
  if (!opener) return undefined;
  const init = path.posix.basename(hlsFiles.init(opener.track.name, opener.attempt));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${targetDuration(plan)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    // Without it players join a growing playlist near its end, as they would a live broadcast.
    '#EXT-X-START:TIME-OFFSET=0',
    `#EXT-X-PLAYLIST-TYPE:${ended ? 'VOD' : 'EVENT'}`,
    // The streamer holds a request for the next segment until that is there (RFC 8216bis section 6.2.5.2). The tag
    // asks for no higher version; one that does not know it ignores it.
    ...(ended ? [] : ['#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES']),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${init}"`,
    ...chunks.flatMap((chunk) => segmentLines(plan, chunk)),
    ...(ended ? ['#EXT-X-ENDLIST'] : []),
    '',
  ].join('\n');
}
