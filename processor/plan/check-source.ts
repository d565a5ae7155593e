import { AppError } from '../../schema/errors.js';
import { displaySize } from './display-size.js';
import type { ProbedStream, SourceProbe } from './probe.js';
import { parseRational, toNumber } from './rational.js';
import type { Timeline } from './timeline.js';

export interface MediaLimits {
  /** Largest coded picture, pixels. */
  maxPixels: number;
  /** Most streams of any kind. */
  maxStreams: number;
  maxDurationSeconds: number;
}

/** Longest side that H.264 encoders accept, and longest side against the shorter one. */
const MAX_SIDE = 16_384;
const MAX_OBLONG = 20;

/** Throws MEDIA_TOO_LARGE for a file with more streams than allowed. */
export function checkStreams({ streams }: SourceProbe, { maxStreams }: MediaLimits): void {
  if (streams.length <= maxStreams) return;
  const message = `The file has ${streams.length} streams; this server accepts ${maxStreams}.`;
  throw new AppError('MEDIA_TOO_LARGE', { message, streams: streams.length });
}

/** Throws UNSUPPORTED_MEDIA for pictures that cannot be decoded or shown, MEDIA_TOO_LARGE for large ones. */
export function checkPicture(stream: ProbedStream, { maxPixels }: MediaLimits): void {
  const { width = 0, height = 0 } = stream;
  if (stream.codec_name === undefined || width < 2 || height < 2) {
    throw new AppError('UNSUPPORTED_MEDIA', { message: 'The picture in this file cannot be decoded.' });
  }
  const shown = displaySize(stream);
  const sides = [toNumber(shown.width), toNumber(shown.height)];
  if (Math.max(...sides) > MAX_OBLONG * Math.min(...sides)) {
    throw new AppError('UNSUPPORTED_MEDIA', { message: 'The picture is too oblong to be a film.' });
  }
  if (width * height <= maxPixels && Math.max(width, height) <= MAX_SIDE) return;
  const message = `The picture is ${width} × ${height} pixels: larger than this server accepts.`;
  throw new AppError('MEDIA_TOO_LARGE', { message, width, height });
}

/** Throws MEDIA_TRUNCATED for a Matroska file, which knows its length, whose packets end long before it. */
export function checkWhole({ format, scannedEnds }: SourceProbe): void {
  const declared = parseRational(format.duration);
  if (!format.format_name.startsWith('matroska') || !declared || scannedEnds.size === 0) return;
  const end = Math.max(0, ...scannedEnds.values());
  const length = toNumber(declared);
  if (end >= length - Math.max(2, length / 100)) return;
  const message = `The file ends after ${Math.floor(end)} of ${Math.ceil(length)} seconds: it is damaged or incomplete.`;
  throw new AppError('MEDIA_TRUNCATED', { message, endSeconds: end });
}

/** Throws MEDIA_TOO_LARGE for a film that lasts longer than allowed. */
export function checkLength(timeline: Timeline, { maxDurationSeconds }: MediaLimits): void {
  const seconds = Math.round(timeline.frameCount / toNumber(timeline.frameRate));
  if (seconds <= maxDurationSeconds) return;
  const [length, limit] = [Math.ceil(seconds / 60), Math.floor(maxDurationSeconds / 60)];
  const message = `The film lasts ${length} minutes; this server accepts ${limit}.`;
  throw new AppError('MEDIA_TOO_LARGE', { message, durationSeconds: seconds });
}
