import { AppError } from '../../schema/errors.js';
import { DEFAULT_MAX_HEIGHT } from '../../schema/ladder.js';
import type { PlannedAudioTrack, Rational, TranscodePlan } from '../../schema/transcode-plan.js';
import { chunkList } from './chunk-list.js';
import { displaySize } from './display-size.js';
import { declaredFrameRate, measuredFrameRate } from './frame-rate.js';
import { segmentFrames, timescaleOf } from './grid.js';
import { videoStream, type ProbedStream, type SourceProbe } from './probe.js';
import { ceil, compare, divide, greatest, least, multiply, parseRational } from './rational.js';
import { rational, round, subtract, toNumber, zero } from './rational.js';
import { readAudio, readVideo, streamStart } from './read-source.js';
import { planRungs } from './rungs.js';

export interface MediaLimits {
  /** Largest coded picture, pixels. */
  maxPixels: number;
  /** Most streams of any kind. */
  maxStreams: number;
  maxDurationSeconds: number;
}

export interface PlanOptions {
  /** Length of a segment, seconds. */
  segmentSeconds?: number;
  /** Length of a chunk, seconds; rounded to whole segments. */
  chunkSeconds?: number;
  /** Tallest rendition, by its short side. */
  maxHeight?: number;
  limits: MediaLimits;
}

/** Grid for sound alone. */
const AUDIO_ONLY_RATE = rational(25);
/** Sound that starts no earlier than this before the picture is cut to it. */
const EARLY_SOUND = rational(1, 10);
/** Sound that ends no later than this after the picture is cut to it. */
const LATE_SOUND = rational(1);
/** Longest side that H.264 encoders accept, and longest side against the shorter one. */
const MAX_SIDE = 16_384;
const MAX_OBLONG = 20;

interface Timeline {
  frameRate: Rational;
  origin: Rational;
  frameCount: number;
  holdLastFrame: boolean;
}

const framesIn = (seconds: Rational, frameRate: Rational): number => round(multiply(seconds, frameRate));

function videoTimeline(probe: SourceProbe, stream: ProbedStream, audio: PlannedAudioTrack[]): Timeline {
  const average = parseRational(stream.avg_frame_rate);
  const frameRate =
    declaredFrameRate(parseRational(stream.r_frame_rate), average) ??
    measuredFrameRate(probe.frameTimes, average);
  const start = streamStart(stream);
  const { end, timeBase } = readVideo(probe, stream);
  const soundStart = least(start, ...audio.map((track) => track.start));
  const soundEnd = greatest(end, ...audio.map((track) => track.end));
  const early = compare(subtract(start, soundStart), EARLY_SOUND) > 0;
  // The filter graph shifts pictures by whole ticks of their own clock.
  const origin = early ? multiply(rational(round(divide(soundStart, timeBase))), timeBase) : start;
  const holdLastFrame = compare(subtract(soundEnd, end), LATE_SOUND) > 0;
  const length = subtract(holdLastFrame ? soundEnd : end, origin);
  return { frameRate, origin, holdLastFrame, frameCount: Math.max(1, framesIn(length, frameRate)) };
}

function audioTimeline(first: PlannedAudioTrack, rest: PlannedAudioTrack[]): Timeline {
  const origin = least(first.start, ...rest.map((track) => track.start));
  const end = greatest(first.end, ...rest.map((track) => track.end));
  const frameCount = Math.max(1, ceil(multiply(subtract(end, origin), AUDIO_ONLY_RATE)));
  return { frameRate: AUDIO_ONLY_RATE, origin, frameCount, holdLastFrame: false };
}

function checkSize(probe: SourceProbe, video: ProbedStream | undefined, limits: MediaLimits): void {
  const { length: streams } = probe.streams;
  if (streams > limits.maxStreams) {
    const message = `The file has ${streams} streams; this server accepts ${limits.maxStreams}.`;
    throw new AppError('MEDIA_TOO_LARGE', { message, streams });
  }
  if (!video) return;
  const { width = 0, height = 0 } = video;
  if (video.codec_name === undefined || width < 2 || height < 2) {
    throw new AppError('UNSUPPORTED_MEDIA', { message: 'The picture in this file cannot be decoded.' });
  }
  const shown = displaySize(video);
  const sides = [toNumber(shown.width), toNumber(shown.height)];
  if (Math.max(...sides) > MAX_OBLONG * Math.min(...sides)) {
    throw new AppError('UNSUPPORTED_MEDIA', { message: 'The picture is too oblong to be a film.' });
  }
  if (width * height > limits.maxPixels || Math.max(width, height) > MAX_SIDE) {
    const message = `The picture is ${width} × ${height} pixels: larger than this server accepts.`;
    throw new AppError('MEDIA_TOO_LARGE', { message, width, height });
  }
}

function checkLength({ frameCount, frameRate }: Timeline, { maxDurationSeconds }: MediaLimits): void {
  const seconds = Math.round(frameCount / toNumber(frameRate));
  if (seconds <= maxDurationSeconds) return;
  const message = `The film lasts ${Math.round(seconds / 60)} minutes; this server accepts ${Math.floor(maxDurationSeconds / 60)}.`;
  throw new AppError('MEDIA_TOO_LARGE', { message, durationSeconds: seconds });
}

/** A Matroska file knows its length: if the packets end long before it, the rest was lost on the way. */
function checkWhole({ format, scannedEnds }: SourceProbe): void {
  const declared = parseRational(format.duration);
  if (!format.format_name.startsWith('matroska') || !declared || scannedEnds.size === 0) return;
  const end = Math.max(...scannedEnds.values());
  const length = toNumber(declared);
  if (end >= length - Math.max(2, length / 100)) return;
  const message = `The file ends after ${Math.floor(Math.max(0, end))} of ${Math.ceil(length)} seconds: it is damaged or incomplete.`;
  throw new AppError('MEDIA_TRUNCATED', { message, endSeconds: end });
}

function timelineOf(
  probe: SourceProbe,
  video: ProbedStream | undefined,
  audio: PlannedAudioTrack[],
): Timeline {
  if (video) return videoTimeline(probe, video, audio);
  const [first, ...rest] = audio;
  if (first) return audioTimeline(first, rest);
  throw new AppError('UNSUPPORTED_MEDIA', {
    message: 'The file has neither pictures nor sound that can be decoded.',
  });
}

/**
 * Decides once how a source becomes HLS. Pure. Throws AppError with a sentence fit for the uploader:
 * UNSUPPORTED_MEDIA, MEDIA_TRUNCATED (no end can be told) or MEDIA_TOO_LARGE (see `limits`).
 */
export function makePlan(probe: SourceProbe, options: PlanOptions): TranscodePlan {
  const { segmentSeconds = 4, chunkSeconds = 24, maxHeight = DEFAULT_MAX_HEIGHT, limits } = options;
  const video = videoStream(probe.streams);
  checkSize(probe, video, limits);
  checkWhole(probe);
  const audioTracks = readAudio(probe);
  const timeline = timelineOf(probe, video, audioTracks);
  checkLength(timeline, limits);

  const frames = segmentFrames(timeline.frameRate, segmentSeconds);
  const segmentsPerChunk = Math.max(1, Math.round(chunkSeconds / segmentSeconds));
  return {
    version: 1,
    container: probe.format.format_name,
    formatStart: parseRational(probe.format.start_time) ?? zero,
    ...timeline,
    timescale: timescaleOf(timeline.frameRate),
    segmentFrames: frames,
    ...(video ? { video: readVideo(probe, video) } : {}),
    videoTracks: video ? planRungs(displaySize(video), maxHeight) : [],
    audioTracks,
    chunks: chunkList({ frameCount: timeline.frameCount, segmentFrames: frames, segmentsPerChunk }),
  };
}
