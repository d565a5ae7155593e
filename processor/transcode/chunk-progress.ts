import type { PlannedChunk, TranscodePlan } from '../../schema/transcode-plan.js';
import { toNumber } from '../plan/rational.js';
import type { FfmpegProgress } from './ffmpeg-progress.js';

/** How far a chunk is. */
export interface ChunkProgress {
  /** Frames encoded, over all video tracks of the part; grid frames for sound alone. */
  frames: number;
  framesPerSecond: number;
  /** Seconds of film a second. */
  speed: number;
}

/** Turns FFmpeg's reports, which count the first output alone, into progress of the whole part. */
export function createChunkProgress(
  plan: TranscodePlan,
  chunk: PlannedChunk,
  videoTracks: number,
): (progress: FfmpegProgress) => ChunkProgress {
  const startedAt = performance.now();
  const rate = toNumber(plan.frameRate);
  const length = chunk.endFrame - chunk.startFrame;
  return ({ frames, outTimeMs }) => {
    const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000);
    const gridFrames = Math.min(length, videoTracks ? frames : Math.round((outTimeMs / 1000) * rate));
    const encoded = gridFrames * Math.max(1, videoTracks);
    return { frames: encoded, framesPerSecond: encoded / seconds, speed: gridFrames / rate / seconds };
  };
}
