import type { PlannedVideoTrack, TranscodePlan } from '../../schema/transcode-plan.js';
import { targetDuration } from '../plan/grid.js';
import { timescaleOfTrack } from './media-playlist.js';
import type { PublishedChunk } from './published-prefix.js';

/** Bits a second: of the worst stretch, and over all. */
export interface Bandwidth {
  peakBps: number;
  averageBps: number;
}

/** What a line of a media playlist asks for, and for how long it plays. */
export interface Piece {
  bytes: number;
  seconds: number;
}

/** Room for one sound track and the boxes around everything. */
const SOUND_BPS = 150_000;

/** A peak lasts this many target durations. */
const PEAK_LENGTH = { least: 0.5, most: 1.5 };

/** Of what is not there. */
export const noBandwidth: Bandwidth = { peakBps: 0, averageBps: 0 };

/** The most that any of several renditions asks for: a player picks one of them. */
export const heaviest = (bandwidths: readonly Bandwidth[]): Bandwidth => ({
  peakBps: Math.max(0, ...bandwidths.map(({ peakBps }) => peakBps)),
  averageBps: Math.max(0, ...bandwidths.map(({ averageBps }) => averageBps)),
});

/** Of renditions that are played together. */
export const together = (bandwidths: readonly Bandwidth[]): Bandwidth => ({
  peakBps: bandwidths.reduce((total, { peakBps }) => total + peakBps, 0),
  averageBps: bandwidths.reduce((total, { averageBps }) => total + averageBps, 0),
});

const bitRate = ({ bytes, seconds }: Piece): number => (seconds > 0 ? Math.ceil((bytes * 8) / seconds) : 0);

const sum = (pieces: readonly Piece[]): Piece => ({
  bytes: pieces.reduce((total, { bytes }) => total + bytes, 0),
  seconds: pieces.reduce((total, { seconds }) => total + seconds, 0),
});

/** The stretches that begin with the piece at `from` and are long enough to count, but not too long. */
function* stretchesFrom(pieces: readonly Piece[], from: number, targetSeconds: number): Generator<Piece> {
  const stretch = { bytes: 0, seconds: 0 };
  for (let index = from; index < pieces.length; index += 1) {
    stretch.bytes += pieces[index]?.bytes ?? 0;
    stretch.seconds += pieces[index]?.seconds ?? 0;
    if (stretch.seconds > PEAK_LENGTH.most * targetSeconds) return;
    if (stretch.seconds >= PEAK_LENGTH.least * targetSeconds) yield stretch;
  }
}

/**
 * The segment bit rates of a media playlist (RFC 8216 section 4.1): the peak is that of the worst pieces in a row that
 * last between 0.5 and 1.5 target durations together. A playlist that is shorter has the peak of the whole. Zero when
 * there are no pieces.
 */
export function segmentBitRates(pieces: readonly Piece[], targetSeconds: number): Bandwidth {
  const averageBps = bitRate(sum(pieces));
  let peakBps = 0;
  for (const from of pieces.keys())
    for (const stretch of stretchesFrom(pieces, from, targetSeconds))
      peakBps = Math.max(peakBps, bitRate(stretch));
  return { peakBps: peakBps || averageBps, averageBps };
}

/** Measured from the segments of a track; zero when there are none. */
export function measuredBandwidth(plan: TranscodePlan, chunks: readonly PublishedChunk[]): Bandwidth {
  const pieces = chunks.flatMap(({ track }) => {
    const timescale = timescaleOfTrack(plan, track.name);
    return track.segments.map(({ bytes, ticks }) => ({ bytes, seconds: ticks / timescale }));
  });
  return segmentBitRates(pieces, targetDuration(plan));
}

/**
 * What a rendition will not exceed, said before it is measured: the worst 4 s segment had 1.18 times maxrate, and a
 * film of many has hardly more than maxrate over all.
 */
export function promisedBandwidth(track: PlannedVideoTrack | undefined): Bandwidth {
  const maxRateBps = (track?.maxRateKbps ?? 0) * 1000;
  return { peakBps: 1.5 * maxRateBps + SOUND_BPS, averageBps: maxRateBps + SOUND_BPS };
}
