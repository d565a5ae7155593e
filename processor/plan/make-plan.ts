import { AppError } from '../../schema/errors.js';
import { DEFAULT_MAX_HEIGHT } from '../../schema/ladder.js';
import type { TranscodePlan } from '../../schema/transcode-plan.js';
import { checkLength, checkPicture, checkStreams, checkWhole, type MediaLimits } from './check-source.js';
import { chunkList } from './chunk-list.js';
import { displaySize } from './display-size.js';
import { segmentFrames, timescaleOf } from './grid.js';
import { videoStream, type SourceProbe } from './probe.js';
import { parseRational, zero } from './rational.js';
import { readAudio, readVideo } from './read-source.js';
import { planRungs } from './rungs.js';
import { audioTimeline, videoTimeline } from './timeline.js';

export interface PlanOptions {
  /** Length of a segment, seconds. */
  segmentSeconds?: number;
  /** Length of a chunk, seconds; rounded to whole segments. */
  chunkSeconds?: number;
  /** Segments of the first chunks, never more than the others have; only the opener is short unless given. */
  ramp?: readonly number[];
  /** Tallest rendition, by its short side. */
  maxHeight?: number;
  /** Rungs that are wanted, by their heights; all where absent. */
  heights?: readonly number[];
  limits: MediaLimits;
}

type Content = Pick<
  TranscodePlan,
  'video' | 'videoTracks' | 'audioTracks' | 'frameRate' | 'origin' | 'frameCount' | 'holdLastFrame'
>;

/** What of a source is shown and heard, and the grid it is put on. */
function contentOf(probe: SourceProbe, options: PlanOptions): Content {
  const { maxHeight = DEFAULT_MAX_HEIGHT, heights, limits } = options;
  const stream = videoStream(probe.streams);
  const audioTracks = readAudio(probe);
  if (stream) {
    checkPicture(stream, limits);
    const video = readVideo(probe, stream);
    const videoTracks = planRungs(displaySize(stream), maxHeight, heights);
    return {
      video,
      videoTracks,
      audioTracks,
      ...videoTimeline(probe, { stream, source: video }, audioTracks),
    };
  }
  const [first, ...rest] = audioTracks;
  if (first) return { videoTracks: [], audioTracks, ...audioTimeline(first, rest) };
  const message = 'The file has neither pictures nor sound that can be decoded.';
  throw new AppError('UNSUPPORTED_MEDIA', { message });
}

/**
 * Decides once how a source becomes HLS. Pure. Throws AppError with a sentence fit for the uploader:
 * UNSUPPORTED_MEDIA, MEDIA_TRUNCATED (the end is missing, or cannot be told) or MEDIA_TOO_LARGE.
 */
export function makePlan(probe: SourceProbe, options: PlanOptions): TranscodePlan {
  const { segmentSeconds = 4, chunkSeconds = 24, ramp, limits } = options;
  checkStreams(probe, limits);
  checkWhole(probe);
  const content = contentOf(probe, options);
  checkLength(content, limits);

  const { frameRate, frameCount } = content;
  const frames = segmentFrames(frameRate, segmentSeconds);
  const segmentsPerChunk = Math.max(1, Math.round(chunkSeconds / segmentSeconds));
  return {
    version: 1,
    container: probe.format.format_name,
    formatStart: parseRational(probe.format.start_time) ?? zero,
    timescale: timescaleOf(frameRate),
    segmentFrames: frames,
    ...content,
    chunks: chunkList({ frameCount, segmentFrames: frames, segmentsPerChunk, ramp }),
  };
}
