import type { ProcessorConfig } from './config.js';
import { STARTING_RAMP } from './plan/chunk-list.js';
import type { PlanOptions } from './plan/make-plan.js';

/** Longest run of one FFmpeg, and longest time without progress, milliseconds. */
export const chunkLimits = (config: ProcessorConfig) => ({
  wallClockMs: config.FFMPEG_MAX_SECONDS * 1_000,
  stallMs: config.FFMPEG_STALL_SECONDS * 1_000,
});

/** What the planner may decide between. */
export const planOptions = (config: ProcessorConfig): PlanOptions => ({
  segmentSeconds: config.SEGMENT_SECONDS,
  chunkSeconds: config.CHUNK_SECONDS,
  ramp: STARTING_RAMP,
  maxHeight: config.MAX_RENDITION_HEIGHT,
  limits: {
    maxPixels: config.MAX_SOURCE_PIXELS,
    maxStreams: config.MAX_SOURCE_STREAMS,
    maxDurationSeconds: config.MAX_SOURCE_SECONDS,
  },
});
