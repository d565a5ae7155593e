import { audioProfile } from '../../schema/ladder.js';
import type { PlannedAudioTrack, PlannedChunk, TranscodePlan } from '../../schema/transcode-plan.js';
import { firstPacket, PACKET_SAMPLES } from '../plan/grid.js';
import { compare, floor, multiply, rational, round, subtract } from '../plan/rational.js';

/** Packets encoded before a chunk's first and after its last, then dropped: AAC overlaps its packets. */
const PACKETS_BEFORE = 4;
const PACKETS_AFTER = 2;
/** All chunks start resampling on the same 40 ms raster, so that they do it in phase. */
const RASTER_HZ = 25;
/** Silence may follow this close to the stream's end, never earlier: there it would hide lost input. */
const END_MARGIN = rational(1, 2);

const { sampleRate } = audioProfile;

/** Filter graph that delivers one chunk of a sound stream as `[a<index>]`: stereo, 48 kHz, every sample in place. */
export function audioGraph(
  plan: TranscodePlan,
  chunk: PlannedChunk,
  track: PlannedAudioTrack,
  index: number,
): string {
  const start = Math.max(0, firstPacket(chunk.startFrame, plan.frameRate) - PACKETS_BEFORE) * PACKET_SAMPLES;
  const end = (firstPacket(chunk.endFrame, plan.frameRate) + PACKETS_AFTER) * PACKET_SAMPLES;
  const soundStart = subtract(track.start, plan.origin);
  const soundEnd = subtract(track.end, plan.origin);
  const outside =
    compare(rational(start, sampleRate), soundEnd) >= 0 ||
    compare(rational(end, sampleRate), soundStart) <= 0;
  if (outside) {
    const silence = `anullsrc=r=${sampleRate}:cl=stereo,asetpts=N+${start}`;
    return `${silence},atrim=start_pts=${start}:end_pts=${end}[a${index}]`;
  }
  const raster = Math.max(0, floor(rational(start * RASTER_HZ, sampleRate)) - 1);
  const first = Math.floor((raster * track.sampleRate) / RASTER_HZ);
  const shift = round(multiply(plan.origin, rational(track.sampleRate)));
  const atEnd = compare(rational(end, sampleRate), subtract(soundEnd, END_MARGIN)) > 0;
  return [
    `[0:${track.streamIndex}]aresample=${track.sampleRate}`,
    `asetpts=PTS-${shift}`,
    `aresample=async=1:first_pts=${first}`,
    ...(atEnd ? ['apad'] : []),
    `atrim=start_pts=${first}`,
    `aresample=${sampleRate}`,
    `atrim=start_pts=${start}:end_pts=${end}`,
    `aformat=sample_fmts=fltp:channel_layouts=stereo[a${index}]`,
  ].join(',');
}
