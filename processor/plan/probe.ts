import { z } from 'zod';
import { AppError } from '../../schema/errors.js';
import type { Ffmpeg, RunLimits } from '../transcode/ffmpeg.js';
import { declaredFrameRate } from './frame-rate.js';
import { parseRational } from './rational.js';
import { createStreamEnds, PACKET_ENTRIES, readPacket, type Packet } from './stream-ends.js';

const text = z.string().optional();
const whole = z.number().int().optional();

const streamSchema = z.object({
  index: z.number().int().nonnegative(),
  codec_type: text,
  codec_name: text,
  width: whole,
  height: whole,
  pix_fmt: text,
  sample_aspect_ratio: text,
  field_order: text,
  has_b_frames: whole,
  color_space: text,
  color_transfer: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  time_base: z.string(),
  start_pts: whole,
  duration_ts: whole,
  sample_rate: text,
  channels: whole,
  bit_rate: text,
  disposition: z.object({ attached_pic: whole }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});

const outputSchema = z.object({
  format: z.object({
    format_name: z.string(),
    start_time: text,
    duration: text,
    size: text,
    bit_rate: text,
  }),
  streams: z.array(streamSchema).max(10_000).default([]),
});

export type ProbedStream = z.infer<typeof streamSchema>;

/** What is known of a source before it is planned. */
export interface SourceProbe extends z.infer<typeof outputSchema> {
  /** End of a stream on the source's clock, seconds, by stream index: looked for where a header does not tell. */
  scannedEnds: ReadonlyMap<number, number>;
  /** Presentation times of the first frames, seconds: where the header does not settle the frame rate. */
  frameTimes: readonly number[];
}

/** The picture stream: the first one that is not cover art. */
export const videoStream = (streams: readonly ProbedStream[]): ProbedStream | undefined =>
  streams.find((stream) => stream.codec_type === 'video' && !stream.disposition?.attached_pic);

/** Streams with sound in them that can be decoded. */
export const audioStreams = (streams: readonly ProbedStream[]): ProbedStream[] =>
  streams.filter(
    (stream) =>
      stream.codec_type === 'audio' &&
      stream.codec_name !== undefined &&
      (stream.channels ?? 0) > 0 &&
      Number(stream.sample_rate) > 0,
  );

/** Whether the header tells where this stream ends: only MP4 does it exactly. */
export const headerTellsEnd = (formatName: string, stream: ProbedStream): boolean =>
  formatName.startsWith('mov') && (stream.duration_ts ?? 0) > 0;

/** AVI has no presentation times: what ffprobe gives for some pictures is where they are stored. */
export const isAvi = ({ format_name }: SourceProbe['format']): boolean => format_name.startsWith('avi');

/** How far back to look for the last packets, seconds: further for gaps, from the start for a wrong duration. */
const LOOK_BACK = [12, 120, Infinity];
const FRAME_TIMES_SECONDS = 10;

/** Looks for the end of the wanted streams among the last packets of the file; empty streams have none. */
async function scanEnds(
  packets: (interval: string, see: (packet: Packet) => void) => Promise<void>,
  format: SourceProbe['format'],
  wanted: readonly number[],
): Promise<Map<number, number>> {
  const found = createStreamEnds();
  const until = Number(format.duration ?? 0) + Math.max(0, Number(format.start_time ?? 0));
  for (const back of LOOK_BACK) {
    const from = Math.max(0, until - back);
    await packets(`${from}%`, (packet) => found.see(isAvi(format) ? { ...packet, pts: NaN } : packet));
    const ends = found.ends();
    if (from === 0 || wanted.every((index) => ends.has(index))) break;
  }
  return found.ends();
}

/**
 * Asks ffprobe what the source is: one run, and one more each where the header does not tell the end of
 * the streams or the frame rate. Rejects with UNSUPPORTED_MEDIA, MEDIA_TRUNCATED, SOURCE_UNREACHABLE,
 * PROCESSING_TIMEOUT.
 */
export async function probeSource(
  deps: { ffmpeg: Pick<Ffmpeg, 'probe' | 'probeLines'> },
  source: string,
  limits: RunLimits,
): Promise<SourceProbe> {
  const packets = async (interval: string, see: (packet: Packet) => void, only?: number): Promise<void> => {
    const stream = only === undefined ? [] : ['-select_streams', String(only)];
    const options = [...stream, '-read_intervals', interval, '-show_entries', PACKET_ENTRIES];
    await deps.ffmpeg.probeLines(source, options, limits, (line) => see(readPacket(line)));
  };

  const printed = await deps.ffmpeg.probe(source, ['-show_format', '-show_streams'], limits);
  const read = outputSchema.safeParse(printed);
  if (!read.success) throw new AppError('UNSUPPORTED_MEDIA', {}, { cause: read.error });
  const { format, streams } = read.data;

  const video = videoStream(streams);
  const used = [...(video ? [video] : []), ...audioStreams(streams)];
  const mustScan = used.some((stream) => !headerTellsEnd(format.format_name, stream));
  const frameTimes: number[] = [];
  if (video && !declaredFrameRate(parseRational(video.r_frame_rate), parseRational(video.avg_frame_rate))) {
    const see = ({ pts }: Packet): void => void (Number.isFinite(pts) && frameTimes.push(pts));
    await packets(`%+${FRAME_TIMES_SECONDS}`, see, video.index);
  }
  const indexes = used.map((stream) => stream.index);
  const scannedEnds = mustScan ? await scanEnds(packets, format, indexes) : new Map<number, number>();
  return { format, streams, frameTimes, scannedEnds };
}
