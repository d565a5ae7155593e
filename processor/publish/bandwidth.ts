import type { PlannedVideoTrack, TranscodePlan } from '../../schema/transcode-plan.js';
import { timescaleOfTrack } from './media-playlist.js';
import type { PublishedChunk } from './published-prefix.js';

/** Bits a second: of the worst segment, and over all. */
export interface Bandwidth {
  peakBps: number;
  averageBps: number;
}

/** Room for one sound track and the boxes around everything. */
const SOUND_BPS = 150_000;

/** Measured from the segments of a track; zero when there are none. */
export function measuredBandwidth(plan: TranscodePlan, chunks: readonly PublishedChunk[]): Bandwidth {
  let bytes = 0;
  let seconds = 0;
  let peakBps = 0;
  for (const { track } of chunks) {
    const timescale = timescaleOfTrack(plan, track.name);
    for (const segment of track.segments) {
      const length = segment.ticks / timescale;
      bytes += segment.bytes;
      seconds += length;
      peakBps = Math.max(peakBps, (segment.bytes * 8) / length);
    }
  }
  return { peakBps: Math.ceil(peakBps), averageBps: seconds ? Math.ceil((bytes * 8) / seconds) : 0 };
}

/** What a rendition will not exceed, said before it is measured: the worst 4 s segment had 1.18 times maxrate. */
export const promisedBps = (track: PlannedVideoTrack | undefined): number =>
  (track ? track.maxRateKbps * 1500 : 0) + SOUND_BPS;
