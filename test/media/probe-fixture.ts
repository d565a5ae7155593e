import { makePlan, type PlanOptions } from '../../processor/plan/make-plan.js';
import type { ProbedStream, SourceProbe } from '../../processor/plan/probe.js';
import type { ChunkPart, ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';

/** What ffprobe says of a picture stream: 1920 × 1080 at 29.97, 60 seconds, unless overridden. */
export const videoFixture = (override: Partial<ProbedStream> = {}): ProbedStream => ({
  ...{ index: 0, codec_type: 'video', codec_name: 'h264', width: 1920, height: 1080 },
  ...{ r_frame_rate: '30000/1001', avg_frame_rate: '30000/1001', time_base: '1/30000' },
  ...{ start_pts: 0, duration_ts: 1_800_000, field_order: 'progressive', sample_aspect_ratio: '1:1' },
  ...override,
});

/** What ffprobe says of a sound stream: 48 kHz, stereo, 60 seconds, unless overridden. */
export const audioFixture = (override: Partial<ProbedStream> = {}): ProbedStream => ({
  ...{ index: 1, codec_type: 'audio', codec_name: 'aac', sample_rate: '48000', channels: 2 },
  ...{ time_base: '1/48000', start_pts: 0, duration_ts: 2_880_000 },
  ...override,
});

export function probeFixture(
  streams: ProbedStream[] = [videoFixture(), audioFixture()],
  override: Partial<Omit<SourceProbe, 'format'>> & { format?: Partial<SourceProbe['format']> } = {},
): SourceProbe {
  const format = {
    ...{ format_name: 'mov,mp4,m4a,3gp,3g2,mj2', start_time: '0.000000', duration: '60.000000' },
    ...{ bit_rate: '5000000', size: '37500000' },
  };
  return {
    ...{ streams, scannedEnds: new Map(), frameTimes: [] },
    ...override,
    format: { ...format, ...override.format },
  };
}

export const generousLimits = { maxPixels: 1e8, maxStreams: 50, maxDurationSeconds: 36_000 };

/** A plan of a probe; of the 60 seconds of 1080 lines unless another is given. */
export const planFixture = (probe = probeFixture(), options: Partial<PlanOptions> = {}): TranscodePlan =>
  makePlan(probe, { limits: generousLimits, ...options });

/**
 * The result of a chunk all of whose segments are alike: 4 s and `bytes` long, made by `attempt`; pictures begin with a
 * key frame that ends at `keyFrameEnd`, unless that is null: then nobody has noted it.
 */
export function resultFixture(
  plan: TranscodePlan,
  chunkIndex: number,
  options: {
    attempt?: number;
    part?: ChunkPart;
    names?: string[];
    init?: string;
    bytes?: number;
    keyFrameEnd?: number | null;
  } = {},
): ChunkResult {
  const { attempt = 1, part = 'ALL', init = 'same', bytes = 500_000, keyFrameEnd = 40_000 } = options;
  const chunk = plan.chunks[chunkIndex]!;
  const tracks = [...plan.videoTracks, ...plan.audioTracks].map(({ name }) => name);
  const names = options.names ?? tracks;
  const count = Math.ceil((chunk.endFrame - chunk.startFrame) / plan.segmentFrames);
  const ticksOf = (name: string): number =>
    name.startsWith('a')
      ? 192_512
      : (plan.segmentFrames * plan.timescale * plan.frameRate.den) / plan.frameRate.num;
  return {
    ...{ chunkIndex, part, attempt },
    tracks: names.map((name) => ({
      ...{ name, initSha256: `${init}-${name}`, codecs: name.startsWith('a') ? 'mp4a.40.2' : 'avc1.64001F' },
      segments: Array.from({ length: count }, () => ({
        ...{ ticks: ticksOf(name), bytes },
        ...(name.startsWith('a') || keyFrameEnd === null ? {} : { keyFrameEnd }),
      })),
    })),
    ...(part === 'REST' ? {} : { sprite: { columns: count, tileWidth: 160, tileHeight: 90 } }),
  };
}
