import type { BlobContainer } from '../../platform/blob.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { generationPrefix, sourceKey } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';
import type { ChunkResult } from '../../schema/transcode-plan.js';
import type { ProcessorMetrics } from '../metrics.js';
import type { JobStore } from '../pool/job-store.js';
import type { JobHandler } from '../pool/run-job.js';
import type { VideoTracker } from '../progress/video-tracker.js';
import type { PlaylistPublisher } from '../publish/publish-playlists.js';
import { createAttemptFiles, type AttemptFiles } from './attempt-files.js';
import { encodeChunk } from './encode-chunk.js';
import type { Ffmpeg } from './ffmpeg.js';

/** The source can be read this long: longer than any chunk takes. */
const SOURCE_URL_SECONDS = 3_600;

/**
 * CHUNK: encodes a range of frames, and publishes it once it is whole. The claim ends in the transaction
 * that counts the chunk, so that the last one of a film queues FINISH, and no other.
 */
export function createTranscodeChunk(deps: {
  db: Database;
  uploads: BlobContainer;
  hls: BlobContainer;
  store: JobStore;
  queue: Pick<JobQueue, 'hint'>;
  tracker: VideoTracker;
  publisher: PlaylistPublisher;
  ffmpeg: Ffmpeg;
  workFolder: string;
  /** Longest run of one chunk, and longest time without progress. */
  limits: { wallClockMs: number; stallMs: number };
  metrics: Pick<ProcessorMetrics, 'setFfmpegSpeed'>;
}): JobHandler {
  const { db, store, tracker } = deps;

  async function complete(job: Job, result: ChunkResult): Promise<string | undefined> {
    return db.transaction(async (session) => {
      await store.complete(job, result, session);
      const video = await tracker.chunkDone(job, session);
      if (!video || video.chunkJobsDone < video.chunkJobsTotal) return undefined;
      return store.queueFinish(job.videoId, job.generation, session);
    });
  }

  /** An attempt that does not count leaves nothing, unless it counts after all and only the answer was lost. */
  async function discard(job: Job, files: AttemptFiles, log: Logger): Promise<void> {
    try {
      if (!(await store.isDone(job))) await files.remove();
    } catch (err) {
      // FINISH removes what no playlist names.
      log.warn({ err }, 'files of a failed attempt not removed yet');
    }
  }

  return async (job, { signal, report, log }) => {
    const { videoId, generation, attempt, chunk: task } = job;
    const plan = await tracker.plan(job);
    const chunk = plan?.chunks[task?.chunkIndex ?? -1];
    if (!plan || !task || !chunk)
      throw new AppError('INTERNAL', { message: 'the job has no chunk of a plan' });

    const files = createAttemptFiles(deps.hls, generationPrefix(videoId, generation));
    const encode = async (): Promise<ChunkResult> =>
      encodeChunk(
        {
          ffmpeg: deps.ffmpeg,
          tempDir: deps.workFolder,
          ...deps.limits,
          log,
          upload: (name, body, contentType) => files.put(name, body, { contentType, signal }),
        },
        {
          plan,
          chunk,
          part: task.part,
          trackNames: task.trackNames,
          sourceUrl: await deps.uploads.readUrl(sourceKey(videoId), SOURCE_URL_SECONDS),
          attempt,
          signal,
          onProgress: ({ frames, framesPerSecond }) => {
            deps.metrics.setFfmpegSpeed(framesPerSecond);
            report({ framesDone: frames, framesPerSecond });
          },
        },
      );
    try {
      const finishId = await complete(job, await encode());
      if (finishId) await deps.queue.hint([finishId]);
    } catch (error) {
      await discard(job, files, log);
      throw error;
    }
    // The chunk is done whatever becomes of this: the next chunk's worker, or FINISH, publishes it too.
    await deps.publisher
      .grow(job, plan)
      .catch((err: unknown) => log.warn({ err }, 'playlists not published yet'));
  };
}
