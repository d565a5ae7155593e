import type { ChunkPart, PlannedChunk, TranscodePlan } from '../../schema/transcode-plan.js';
import { leadTrackNames, trackNames } from './lead-tracks.js';
import { toNumber } from './rational.js';

/** What the machines there are can do. */
export interface EncodingPower {
  /** Weighted pixels that one slot gets through a second: see `MEASURED_PIXELS_PER_SECOND`. */
  pixelsPerSecond: number;
  slots: number;
}

/** One job to encode a chunk, or a part of it. */
export interface PlannedTask {
  chunkIndex: number;
  part: ChunkPart;
  trackNames: string[];
  /** Frames to encode over all video tracks; grid frames for sound alone. */
  frames: number;
  /** Weighted pixels: what the prediction is made from. */
  work: number;
  /** Predicted time on one slot, seconds. */
  costSeconds: number;
}

/** Preset veryfast with H.264 sources of 1080 lines, on one core of the server it was measured on. */
export const MEASURED_PIXELS_PER_SECOND = 40_000_000;
/** Reading a pixel, decoding and scaling it, against encoding one. */
const READ_WEIGHT = 0.4;
/** Encoding a second of sound, in pixels of video. */
const SOUND_PIXELS = 500_000;
/** Slower than this against real time, and a viewer who starts at once would catch up. */
const COMFORTABLE_SPEED = 1.5;

/** Weighted pixels that a second of film costs when these tracks are made in one run. */
function pixelsPerSecond(plan: TranscodePlan, names: readonly string[]): number {
  const video = plan.videoTracks.filter(({ name }) => names.includes(name));
  const audio = plan.audioTracks.filter(({ name }) => names.includes(name));
  const encoded = video.reduce((sum, track) => sum + track.encodedWidth * track.encodedHeight, 0);
  const read = video.length ? (plan.video?.pixels ?? 0) * READ_WEIGHT : 0;
  return (encoded + read) * toNumber(plan.frameRate) + audio.length * SOUND_PIXELS;
}

/** Seconds of film that all slots together make of all tracks in a second. */
export function predictedSpeed(plan: TranscodePlan, power: EncodingPower): number {
  const available = power.pixelsPerSecond * power.slots;
  return available / Math.max(1, pixelsPerSecond(plan, trackNames(plan)));
}

function task(
  { plan, power }: { plan: TranscodePlan; power: EncodingPower },
  chunk: PlannedChunk,
  part: ChunkPart,
  names: string[],
): PlannedTask {
  const frames = chunk.endFrame - chunk.startFrame;
  const seconds = frames / toNumber(plan.frameRate);
  const videoTracks = plan.videoTracks.filter(({ name }) => names.includes(name)).length;
  const work = seconds * pixelsPerSecond(plan, names);
  return {
    chunkIndex: chunk.index,
    part,
    trackNames: names,
    frames: frames * Math.max(1, videoTracks),
    work,
    costSeconds: work / power.pixelsPerSecond,
  };
}

/**
 * Which jobs make a film, in the order in which they should be started. The opener is split into what
 * starts playback and the rest; the other chunks only where the machines would not keep ahead of a
 * viewer, for reading the source twice costs a tenth more. Then all leads go before all rests.
 */
export function planTasks(plan: TranscodePlan, power: EncodingPower): PlannedTask[] {
  const all = trackNames(plan);
  const lead = leadTrackNames(plan);
  const rest = all.filter((name) => !lead.includes(name));
  const context = { plan, power };
  if (rest.length === 0) return plan.chunks.map((chunk) => task(context, chunk, 'ALL', all));

  const leadOf = (chunk: PlannedChunk): PlannedTask => task(context, chunk, 'LEAD', lead);
  const restOf = (chunk: PlannedChunk): PlannedTask => task(context, chunk, 'REST', rest);
  if (predictedSpeed(plan, power) < COMFORTABLE_SPEED) {
    return [...plan.chunks.map(leadOf), ...plan.chunks.map(restOf)];
  }
  return plan.chunks.flatMap((chunk) =>
    chunk.index === 0 ? [leadOf(chunk), restOf(chunk)] : [task(context, chunk, 'ALL', all)],
  );
}
