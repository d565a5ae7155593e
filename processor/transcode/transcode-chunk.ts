import type { BlobContainer } from '../../platform/blob.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import type { SpeedStore } from '../../platform/work-speed.js';
import { generationPrefix, sourceKey } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';
import type { ChunkResult, TranscodePlan } from '../../schema/transcode-plan.js';
import type { ProcessorMetrics } from '../metrics.js';
import type { JobStore } from '../pool/job-store.js';
import type { JobHandler } from '../pool/run-job.js';
import type { VideoTracker } from '../progress/video-tracker.js';
import type { PlaylistPublisher } from '../publish/publish-playlists.js';
import type { SourceServer } from '../source/source-server.js';
import { createAttemptFiles, type AttemptFiles } from './attempt-files.js';
import { encodeChunk } from './encode-chunk.js';
import type { Ffmpeg } from './ffmpeg.js';

/**
 * CHUNK: encodes a range of frames, and publishes it once it is whole. The claim ends in the transaction
 * that counts the chunk, so that the last one of a film queues FINISH, and no other.
 */
export function createTranscodeChunk(deps: {
  db: Database;
  sources: Pick<SourceServer, 'open'>;
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
  speed: Pick<SpeedStore, 'learn'>;
  /** Weighted pixels a second that a slot gets through where nothing was measured yet. */
  expectedSpeed: number;
}): JobHandler {
  const { db, store, tracker, speed } = deps;

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

  /** The chunk is done whatever becomes of this: the next chunk's worker, or FINISH, makes up for it. */
  async function afterwards(
    job: Job,
    { plan, seconds, log }: { plan: TranscodePlan; seconds: number; log: Logger },
  ): Promise<void> {
    const failed = (what: string) => (err: unknown) => log.warn({ err }, what);
    await deps.publisher.grow(job, plan).catch(failed('playlists not published yet'));
    // Where no other chunk of the film runs now, nobody else would say so.
    await tracker.refresh(job, { isDue: true }).catch(failed('progress not stored'));
    const sample = { work: job.work ?? 0, seconds, expected: deps.expectedSpeed };
    await speed.learn(sample).catch(failed('speed not stored'));
  }

  return async (job, { signal, report, log }) => {
    const { videoId, generation, attempt, chunk: task } = job;
    const plan = await tracker.plan(job);
    const chunk = plan?.chunks[task?.chunkIndex ?? -1];
    if (!plan || !task || !chunk)
      throw new AppError('INTERNAL', { message: 'the job has no chunk of a plan' });

    const files = createAttemptFiles(deps.hls, generationPrefix(videoId, generation));
    const encode = async (): Promise<ChunkResult> => {
      using source = deps.sources.open(sourceKey(videoId));
      return await encodeChunk(
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
          sourceUrl: source.url,
          attempt,
          signal,
          onProgress: ({ frames, framesPerSecond }) => {
            deps.metrics.setFfmpegSpeed(framesPerSecond);
            report({ framesDone: frames, framesPerSecond });
          },
        },
      );
    };
    const startedAt = performance.now();
    let seconds: number;
    try {
      const result = await encode();
      seconds = (performance.now() - startedAt) / 1_000;
      const finishId = await complete(job, result);
      if (finishId) await deps.queue.hint([finishId]);
    } catch (error) {
      await discard(job, files, log);
      throw error;
    }
    await afterwards(job, { plan, seconds, log });
  };
}
