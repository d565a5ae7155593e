import { AppError } from '../../schema/errors.js';
import type { FfmpegProgress } from './ffmpeg-progress.js';

export interface StallWatch {
  seen(progress: FfmpegProgress): void;
  /** PROCESSING_TIMEOUT once the reports have said the same for too long; undefined until then. */
  stalled(): AppError | undefined;
}

/** Notices a run whose reports go on but stop changing. `now` in milliseconds. */
export function createStallWatch(stallMs: number, now: () => number = () => performance.now()): StallWatch {
  let last = '';
  let changedAt = now();
  return {
    seen({ frames, outTimeMs, totalBytes }) {
      const report = `${frames} ${outTimeMs} ${totalBytes}`;
      if (report !== last) changedAt = now();
      last = report;
    },
    stalled: () => (now() - changedAt > stallMs ? new AppError('PROCESSING_TIMEOUT') : undefined),
  };
}
