import { AppError } from '../../schema/errors.js';
import type { PlannedAudioTrack, PlannedVideoSource, Rational } from '../../schema/transcode-plan.js';
import { audioTrackName } from '../../schema/blob-paths.js';
import { audioStreams, headerTellsEnd, isAvi, type ProbedStream, type SourceProbe } from './probe.js';
import { add, compare, divide, multiply, parseRational, rational, round, zero } from './rational.js';

const INTERLACED = new Set(['tt', 'bb', 'tb', 'bt']);
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

/** ffprobe's colour spaces by the names that FFmpeg's scale filter has for them. */
const matrices: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470bg',
  fcc: 'fcc',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
};
/** Lines from which an untagged picture is taken for high definition. */
const HD_LINES = 720;

const timeBaseOf = (stream: ProbedStream): Rational => {
  const timeBase = parseRational(stream.time_base);
  if (!timeBase || timeBase.num <= 0) throw new AppError('UNSUPPORTED_MEDIA');
  return timeBase;
};

/** Time of the first picture or sample of a stream on the source's clock, seconds. */
export const streamStart = (stream: ProbedStream): Rational =>
  multiply(rational(stream.start_pts ?? 0), timeBaseOf(stream));

/**
 * Time after the last one: by the header if it can be trusted, else as scanned (a stream the scan did not
 * meet is empty), else as the file claims.
 */
export function streamEnd(probe: SourceProbe, stream: ProbedStream): Rational {
  if (headerTellsEnd(probe.format.format_name, stream)) {
    return multiply(rational((stream.start_pts ?? 0) + (stream.duration_ts ?? 0)), timeBaseOf(stream));
  }
  const scanned = probe.scannedEnds.get(stream.index);
  if (scanned !== undefined) return rational(Math.round(scanned * 1e6), 1e6);
  if (probe.scannedEnds.size > 0) return streamStart(stream);
  const duration = parseRational(probe.format.duration);
  if (!duration) throw new AppError('MEDIA_TRUNCATED');
  return add(duration, parseRational(probe.format.start_time) ?? zero);
}

function colorMatrix(stream: ProbedStream): string {
  const lines = Math.min(stream.width ?? 0, stream.height ?? 0);
  return matrices[stream.color_space ?? ''] ?? (lines >= HD_LINES ? 'bt709' : 'smpte170m');
}

/**
 * AVI has no presentation times. A decoder that holds pictures back, to bring them into order, then gives each
 * the time of a later packet: by as many as it holds back, which `has_b_frames` tells.
 */
function lateTicks(probe: SourceProbe, stream: ProbedStream): number {
  const rate = parseRational(stream.r_frame_rate);
  if (!isAvi(probe.format) || !rate || rate.num <= 0) return 0;
  return round(divide(divide(rational(stream.has_b_frames ?? 0), rate), timeBaseOf(stream)));
}

/** How the picture stream has to be read. */
export function readVideo(probe: SourceProbe, stream: ProbedStream): PlannedVideoSource {
  const transfer = stream.color_transfer;
  const hdr = transfer === 'smpte2084' || transfer === 'arib-std-b67' ? { hdrTransfer: transfer } : {};
  return {
    streamIndex: stream.index,
    pixels: (stream.width ?? 0) * (stream.height ?? 0),
    timeBase: timeBaseOf(stream),
    end: streamEnd(probe, stream),
    lateTicks: lateTicks(probe, stream),
    interlaced: INTERLACED.has(stream.field_order ?? ''),
    // Tone mapping delivers BT.709 itself.
    colorMatrix: 'hdrTransfer' in hdr ? 'bt709' : colorMatrix(stream),
    ...hdr,
  } as PlannedVideoSource;
}

/** Whether there is anything in a stream: a track may be declared and never written. */
const hasLength = (probe: SourceProbe, stream: ProbedStream): boolean =>
  compare(streamEnd(probe, stream), streamStart(stream)) > 0;

/** One rendition for every sound stream, in the order of the source. */
export function readAudio(probe: SourceProbe): PlannedAudioTrack[] {
  const streams = audioStreams(probe.streams).filter((stream) => hasLength(probe, stream));
  return streams.map((stream, index) => {
    const language = stream.tags?.['language'];
    const known = language !== undefined && language !== 'und' && LANGUAGE.test(language);
    return {
      name: audioTrackName(index),
      streamIndex: stream.index,
      sampleRate: Number(stream.sample_rate),
      start: streamStart(stream),
      end: streamEnd(probe, stream),
      ...(known ? { language } : {}),
    };
  });
}
