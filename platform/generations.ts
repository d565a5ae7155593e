import type { ClientSession, QueryFilter } from 'mongoose';
import { RemovalContainer } from '../schema/blob-removal.js';
import { generationPrefix } from '../schema/blob-paths.js';
import {
  awaitedUploads,
  type Priority,
  ProcessingStage,
  terminalStatuses,
  unfinishedStatuses,
  UploadStatus,
  VideoStatus,
} from '../schema/enums.js';
import { Job, JobState } from '../schema/job.js';
import { encodeStopRequest, topics } from '../schema/messages.js';
import type { VideoError } from '../schema/video-error.js';
import { UploadEntry, UploadMethod } from '../schema/upload-entry.js';
import { Video } from '../schema/video.js';
import { createBlobRemovals } from './blob-removals.js';
import { endLastRun, idle } from './job-runs.js';
import type { JobQueue } from './job-queue.js';
import type { Publisher } from './kafka/publisher.js';
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
  /**
   * Begins the generation after this one from the stored source; one that is still made is stopped, one that
   * is READY plays until the new one is. Undefined where this is not the current one any more, or the source
   * is not there: then the transaction must not be committed.
   */
  reprocess(ref: GenerationRef, how: NextGeneration, session: ClientSession): Promise<Restarted | undefined>;
  /** Tells workers to let go of a generation whose video goes on. */
  letGo(ref: GenerationRef): Promise<void>;
}

/** What is wanted of a generation. */
export interface NextGeneration {
  /** Rungs by their heights; absent: all that fit. */
  heights?: readonly number[];
  /** Absent: as before. */
  priority?: Priority;
}

export interface Restarted {
  video: Video;
  /** The job to hint once the transaction is committed. */
  jobId: string;
  /** Whether the generation before was still made: workers have to let go of it. */
  hasReplaced: boolean;
}

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
  const removals = createBlobRemovals(deps);
  const uploads = deps.db.model(UploadEntry);

  /** What was READY before plays on. An upload that is still under way ends too: its lease runs out at once. */
  const endOf = (how: UnfinishedEnd): object => ({
    status: how.status,
    ...played,
    endedAt: '$$NOW',
    ...('error' in how ? { error: { $literal: how.error } } : {}),
    ...('reason' in how && how.reason ? { stopReason: { $literal: how.reason } } : {}),
    ...endedProgress,
    'progress.playableSeconds': { $ifNull: ['$served.playableSeconds', 0] },
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

  const removeFiles = ({ videoId, generation }: GenerationRef, session: ClientSession): Promise<void> => {
    const prefix = generationPrefix(videoId, generation);
    return removals.add({ container: RemovalContainer.HLS, prefix }, session);
  };

  async function end(
    ref: GenerationRef,
    how: UnfinishedEnd,
    session: ClientSession,
  ): Promise<Video | undefined> {
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

  /** Begins the next generation of a video that is so, with its import where the source never came in. */
  async function begin(
    condition: QueryFilter<Video>,
    how: NextGeneration,
    session: ClientSession,
  ): Promise<Omit<Restarted, 'hasReplaced'> | undefined> {
    const wanted = {
      ...(how.heights && { heights: { $literal: [...how.heights] } }),
      ...(how.priority && { priority: how.priority }),
    };
    const video = await videos
      .findOneAndUpdate(
        { $and: [condition, { $or: [isStored, canBeImported] }] },
        [{ $set: afresh }, { $unset: leftovers }, { $set: { ...played, ...wanted } }],
        { session, returnDocument: 'after', updatePipeline: true },
      )
      .lean<Video>();
    if (!video) return undefined;
    const { _id: videoId, organizationId, generation, priority } = video;
    const owner = { videoId, organizationId, generation, priority };
    if (video.uploadStatus === UploadStatus.RECEIVED) {
      return { video, jobId: await deps.queue.enqueuePlan(owner, session) };
    }
    await logImportAgain(videoId, session);
    return { video, jobId: await deps.queue.enqueueImport(owner, session) };
  }

  const letGo = async ({ videoId, generation }: GenerationRef): Promise<void> => {
    const value = encodeStopRequest(videoId, generation);
    await deps.publisher.publish(topics.control, [{ key: videoId, value }]);
  };

  return {
    end,
    letGo,

    async announceEnd(video) {
      const ref = { videoId: video._id, generation: video.generation };
      await Promise.all([letGo(ref), publishProgress(deps.publisher, video)]);
    },

    async restart(videoId, session) {
      const status = { $in: [VideoStatus.FAILED, VideoStatus.STOPPED] };
      const begun = await begin({ _id: videoId, status }, {}, session);
      return begun && { ...begun, hasReplaced: false };
    },

    async reprocess(ref, how, session) {
      const reason = 'It is processed anew.';
      const replaced = await end(ref, { status: VideoStatus.STOPPED, reason }, session);
      const { videoId: _id, generation } = ref;
      const begun = await begin({ _id, generation, status: { $in: [...terminalStatuses] } }, how, session);
      return begun && { ...begun, hasReplaced: replaced !== undefined };
    },
  };
}

const ifAwaited = (then: string, otherwise: string): object => ({
  $cond: [{ $in: ['$uploadStatus', awaitedUploads] }, then, otherwise],
});

const isStored = { uploadStatus: UploadStatus.RECEIVED, sourceRemovedAt: null };

/** The source was never received, and can be asked for again. */
const canBeImported = { uploadStatus: UploadStatus.FAILED, importUrl: { $exists: true } };

const ifReceived = (then: string, otherwise: string): object => ({
  $cond: [{ $eq: ['$uploadStatus', UploadStatus.RECEIVED] }, then, otherwise],
});

/** What was READY before is what plays. */
const played = {
  playable: { $gt: ['$served', null] },
  renditions: { $ifNull: ['$served.renditions', []] },
};

/** A generation of which nothing is known yet; the one before it is served on where it is READY. */
const afresh = {
  uploadStatus: ifReceived(UploadStatus.RECEIVED, UploadStatus.WAITING),
  served: {
    $cond: [
      { $eq: ['$status', VideoStatus.READY] },
      {
        generation: '$generation',
        renditions: '$renditions',
        readyAt: '$readyAt',
        playableSeconds: '$progress.playableSeconds',
      },
      '$served',
    ],
  },
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
const leftovers = [
  'error',
  'stopReason',
  'plan',
  'heights',
  'readyAt',
  'playableAt',
  'endedAt',
  'uploadLeaseUntil',
];
