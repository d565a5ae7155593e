import { retryUntil } from '../../local/retry-until.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { generationPrefix } from '../../schema/blob-paths.js';
import type { Platform } from '../support/platform-fixture.js';
import { firstOfSegments, workerOf } from '../support/platform-jobs.js';
import type { Service } from '../support/platform-service.js';
import { scale } from './scale.js';
import type { BrakedFfmpeg } from './fault-films.js';
import type { Trial } from './trial.js';

/** A chunk that has stored its first segment and has another one to make, and who makes it. */
export interface HalfMade {
  job: Job;
  worker: Service;
}

/** Slows the trial's FFmpegs down until a chunk is half made; they are still slow when this resolves. */
export async function untilHalfMade(
  platform: Platform,
  trial: Trial,
  ffmpeg: BrakedFfmpeg,
): Promise<HalfMade> {
  await ffmpeg.slow();
  const slowSince = new Date();
  const look = async (): Promise<HalfMade> => {
    const claimed = { videoId: { $in: trial.videoIds }, kind: JobKind.CHUNK, state: JobState.CLAIMED };
    for (const job of await platform.db.model(Job).find(claimed).lean()) {
      const { videoId, generation, runs } = job;
      if ((runs.at(-1)?.startedAt ?? 0) < slowSince) continue;
      const video = await platform.db.model(Video).findById(videoId, { plan: 1 }).lean();
      const first = video?.plan && firstOfSegments(video.plan, job);
      if (!first || !(await platform.hls.properties(generationPrefix(videoId, generation) + first))) continue;
      return { job, worker: await workerOf(platform, job, trial.processors) };
    }
    throw new Error('no chunk is half made');
  };
  return retryUntil(look, { signal: AbortSignal.timeout(scale.giveUpMs), everyMs: 100 });
}
