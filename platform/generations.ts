import type { ClientSession } from 'mongoose';
import { BlobRemoval } from '../schema/blob-removal.js';
import { generationPrefix } from '../schema/blob-paths.js';
import {
  awaitedUploads,
  ProcessingStage,
  unfinishedStatuses,
  UploadStatus,
  VideoStatus,
} from '../schema/enums.js';
import { Job, JobState } from '../schema/job.js';
import { encodeStopRequest, topics } from '../schema/messages.js';
import type { VideoError } from '../schema/video-error.js';
import { UploadEntry, UploadMethod } from '../schema/upload-entry.js';
import { Video } from '../schema/video.js';
import { endLastRun, idle } from './job-runs.js';
import type { JobQueue } from './job-queue.js';
import type { Publisher } from './kafka.js';
import type { Database } from './mongo.js';
import { publishProgress } from './progress-publisher.js';

/** One generation of a video. */
export type GenerationRef = Pick<Job, 'videoId' | 'generation'>;

/** How a generation ends that does not become READY. */
export type UnfinishedEnd =
  | { status: typeof VideoStatus.FAILED; error: VideoError }
  | { status: typeof VideoStatus.STOPPED; reason?: string };

/**
 * Where generations end before their time, and begin again. Each step is one conditional update of the
 * video within the caller's transaction: whoever else changes its status has lost, or has won.
 */
export interface Generations {
  /**
   * Ends a generation, cancels what is left of its jobs, and has its files removed. Undefined where it had
   * ended already.
   */
  end(ref: GenerationRef, how: UnfinishedEnd, session: ClientSession): Promise<Video | undefined>;
  /** Tells workers to let go of a generation that `end` has ended, and watchers that it has. */
  announceEnd(video: Video): Promise<void>;
  /**
   * Begins the next generation where the one before failed or was stopped, with its import where the source
   * never came in; undefined elsewhere.
   */
  restart(videoId: string, session: ClientSession): Promise<Restarted | undefined>;
}

export interface Restarted {
  video: Video;
  /** The job to hint once the transaction is committed. */
  jobId: string;
}

/** Files may be added for this long by workers that have not heard of the end, milliseconds. */
const REMOVAL_WINDOW_MS = 5 * 60_000;

/** What the progress of a generation that has ended says. */
export const endedProgress = {
  'progress.stage': ProcessingStage.DONE,
  'progress.workers': 0,
  'progress.speed': null,
  'progress.etaSeconds': null,
};

export function createGenerations(deps: {
  db: Database;
  publisher: Publisher;
  queue: Pick<JobQueue, 'enqueueImport' | 'enqueuePlan'>;
}): Generations {
  const videos = deps.db.model(Video);
  const jobs = deps.db.model(Job);
  const removals = deps.db.model(BlobRemoval);
  const uploads = deps.db.model(UploadEntry);

  /** An upload that is still under way ends too: its lease runs out at once. */
  const endOf = (how: UnfinishedEnd): object => ({
    status: how.status,
    playable: false,
    renditions: [],
    endedAt: '$$NOW',
    ...('error' in how ? { error: { $literal: how.error } } : {}),
    ...('reason' in how && how.reason ? { stopReason: { $literal: how.reason } } : {}),
    ...endedProgress,
    'progress.playableSeconds': 0,
    'progress.sequence': { $add: ['$progress.sequence', 1] },
    'progress.at': '$$NOW',
    uploadStatus: ifAwaited(UploadStatus.FAILED, '$uploadStatus'),
    uploadLeaseUntil: ifAwaited('$$NOW', '$$REMOVE'),
  });

  async function cancelJobs({ videoId, generation }: GenerationRef, session: ClientSession): Promise<void> {
    const open = { videoId, generation, state: { $in: [JobState.WAITING, JobState.QUEUED] } };
    await jobs.updateMany(open, { $set: { state: JobState.CANCELLED } }, { session });
    await jobs.updateMany(
      { videoId, generation, state: JobState.CLAIMED },
      [{ $set: { state: JobState.CANCELLED, runs: endLastRun('STOPPED') } }, { $set: idle }],
      { session, updatePipeline: true },
    );
  }

  async function removeFiles({ videoId, generation }: GenerationRef, session: ClientSession): Promise<void> {
    const until = new Date(Date.now() + REMOVAL_WINDOW_MS);
    await removals.updateOne(
      { _id: generationPrefix(videoId, generation) },
      { $set: { dueAt: new Date(), until } },
      { upsert: true, session },
    );
  }

  /** Other ways in say themselves in the log how they have ended. */
  async function logImportEnd(video: Video, how: UnfinishedEnd, session: ClientSession): Promise<void> {
    const { _id: videoId, progress } = video;
    const errorCode = 'error' in how ? how.error.code : 'STOPPED';
    const end = { status: UploadStatus.FAILED, errorCode, receivedBytes: progress.receivedBytes };
    await uploads.updateOne(
      { videoId, method: UploadMethod.IMPORT, status: { $in: [...awaitedUploads] } },
      { $set: { ...end, endedAt: new Date() } },
      { session },
    );
  }

  async function logImportAgain(videoId: string, session: ClientSession): Promise<void> {
    await uploads.updateOne(
      { videoId, method: UploadMethod.IMPORT },
      {
        $set: { status: UploadStatus.WAITING },
        $unset: { errorCode: 1, receivedBytes: 1, startedAt: 1, endedAt: 1 },
      },
      { session },
    );
  }

  return {
    async end(ref, how, session) {
      const video = await videos
        .findOneAndUpdate(
          { _id: ref.videoId, generation: ref.generation, status: { $in: [...unfinishedStatuses] } },
          [{ $set: endOf(how) }],
          { session, returnDocument: 'after', updatePipeline: true },
        )
        .lean<Video>();
      if (!video) return undefined;
      await cancelJobs(ref, session);
      await removeFiles(ref, session);
      await logImportEnd(video, how, session);
      return video;
    },

    async announceEnd(video) {
      const { _id: videoId, generation } = video;
      const value = encodeStopRequest(videoId, generation);
      await Promise.all([
        deps.publisher.publish(topics.control, [{ key: videoId, value }]),
        publishProgress(deps.publisher, video),
      ]);
    },

    async restart(videoId, session) {
      const video = await videos
        .findOneAndUpdate(
          {
            _id: videoId,
            status: { $in: [VideoStatus.FAILED, VideoStatus.STOPPED] },
            $or: [{ uploadStatus: UploadStatus.RECEIVED }, canBeImported],
          },
          [{ $set: afresh }, { $unset: leftovers }],
          { session, returnDocument: 'after', updatePipeline: true },
        )
        .lean<Video>();
      if (!video) return undefined;
      const { organizationId, generation, priority } = video;
      const owner = { videoId, organizationId, generation, priority };
      if (video.uploadStatus === UploadStatus.RECEIVED) {
        return { video, jobId: await deps.queue.enqueuePlan(owner, session) };
      }
      await logImportAgain(videoId, session);
      return { video, jobId: await deps.queue.enqueueImport(owner, session) };
    },
  };
}

const ifAwaited = (then: string, otherwise: string): object => ({
  $cond: [{ $in: ['$uploadStatus', awaitedUploads] }, then, otherwise],
});

/** The source was never received, and can be asked for again. */
const canBeImported = { uploadStatus: UploadStatus.FAILED, importUrl: { $exists: true } };

const ifReceived = (then: string, otherwise: string): object => ({
  $cond: [{ $eq: ['$uploadStatus', UploadStatus.RECEIVED] }, then, otherwise],
});

/** A generation of which nothing is known yet. */
const afresh = {
  uploadStatus: ifReceived(UploadStatus.RECEIVED, UploadStatus.WAITING),
  generation: { $add: ['$generation', 1] },
  status: VideoStatus.QUEUED,
  queuedAt: '$$NOW',
  chunkJobsDone: 0,
  chunkJobsTotal: 0,
  progress: {
    sequence: { $add: ['$progress.sequence', 1] },
    stage: ifReceived(ProcessingStage.QUEUED, ProcessingStage.UPLOADING),
    percent: 0,
    playableSeconds: 0,
    renditions: [],
    workers: 0,
    at: '$$NOW',
  },
};

/** What the generation before has left on the video. */
const leftovers = ['error', 'stopReason', 'plan', 'readyAt', 'playableAt', 'endedAt', 'uploadLeaseUntil'];
