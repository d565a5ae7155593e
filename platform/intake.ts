import type { ClientSession } from 'mongoose';
import {
  awaitedUploads,
  ProcessingStage,
  unfinishedStatuses,
  UploadStatus,
  VideoStatus,
} from '../schema/enums.js';
import { AppError, type ErrorCode } from '../schema/errors.js';
import { IdempotencyKey } from '../schema/idempotency-key.js';
import { newId } from '../schema/ids.js';
import type { Project } from '../schema/project.js';
import { UploadEntry, type UploadMethod } from '../schema/upload-entry.js';
import { Video, type VideoSource } from '../schema/video.js';
import type { JobQueue } from './job-queue.js';
import type { Publisher } from './kafka/publisher.js';
import type { Database } from './mongo.js';
import { isDuplicateKey } from './mongo-driver.js';
import { publishProgress } from './progress-publisher.js';
import type { StorageLeft } from './quota/quota.js';
import type { UploadQuota } from './quota/upload-quota.js';

/** A source file that is to come in. */
export interface NewUpload {
  project: Pick<Project, '_id' | 'organizationId'>;
  method: UploadMethod;
  /** As they are shown. */
  title: string;
  filename: string;
  /** The API key or the user that sends it, and from where. */
  sender: { id: string; address?: string };
  /** What its sender says of its size. */
  declaredBytes?: number;
  /** What is known of its size at least; `declaredBytes` where absent. */
  leastBytes?: number;
  /** The same key and project: the same video, for 24 hours. */
  idempotencyKey?: string | null;
}

/** How the video of an upload begins: its `uploadStatus`, and until when somebody is counted on. */
export type UploadStart =
  | { uploadStatus: typeof UploadStatus.RECEIVING; uploadLeaseUntil: Date }
  | { uploadStatus: typeof UploadStatus.WAITING; uploadExpiresAt?: Date; importUrl?: string };

export interface BegunUpload {
  video: Video;
  /** What it may store, where that is limited. */
  storageLeft?: StorageLeft;
  /** The key was used before: the video is the one of that time, whatever has become of it. */
  isRepeat: boolean;
}

/** What is known of a source file once it has arrived. */
export type ReceivedFile = Pick<VideoSource, 'filename' | 'sizeBytes' | 'sha256'>;

export interface ReceivedUpload {
  video: Video;
  /** Its PLAN job, to be hinted once the transaction is committed. */
  jobId: string;
}

/** Where every source file comes in, whatever way it takes: as a video, with an entry in the upload log. */
export interface Intake {
  /**
   * Stores a new video that awaits its source; `also` is done in the same transaction, which may run twice.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used), BAD_USER_INPUT (idempotencyKey), CONFLICT where the key was used
   * for another way in
   */
  begin(
    upload: NewUpload,
    start: UploadStart,
    also?: (video: Video, session: ClientSession) => Promise<void>,
  ): Promise<BegunUpload>;
  /**
   * In the caller's transaction: the source is there, and its PLAN job is queued. Undefined where the upload has ended
   * otherwise.
   * @throws AppError QUOTA_EXCEEDED (limit, max, used) where other uploads were received before it
   */
  received(videoId: string, file: ReceivedFile, session: ClientSession): Promise<ReceivedUpload | undefined>;
  /** After the transaction: wakes a processor and tells watchers. Neither is waited for. */
  announce(upload: ReceivedUpload): void;
  /** Enters in the log that an upload has ended without its source. Once it has ended, nothing changes any more. */
  logEnd(
    videoId: string,
    end: {
      status: typeof UploadStatus.FAILED | typeof UploadStatus.EXPIRED;
      errorCode: ErrorCode;
      receivedBytes?: number;
    },
    session?: ClientSession,
  ): Promise<void>;
}

const MAX_KEY_LENGTH = 255;

export function createIntake(deps: {
  db: Database;
  quota: UploadQuota;
  queue: Pick<JobQueue, 'enqueuePlan' | 'hint'>;
  publisher: Publisher;
  now?: () => number;
}): Intake {
  const { db, quota } = deps;
  const videos = db.model(Video);
  const uploads = db.model(UploadEntry);
  const keys = db.model(IdempotencyKey);
  const now = () => new Date((deps.now ?? Date.now)());

  async function store(upload: NewUpload, start: UploadStart, session: ClientSession): Promise<Video> {
    const { project, method, title, filename, declaredBytes, sender } = upload;
    const owner = { organizationId: project.organizationId, projectId: project._id };
    const begun = {
      ...{ _id: newId('video'), ...owner, title, generation: 1 },
      ...{ status: VideoStatus.QUEUED, playable: false, renditions: [], ...start },
      progress: { sequence: 1, stage: ProcessingStage.UPLOADING, at: now(), totalBytes: declaredBytes },
    };
    const [video] = await videos.create([begun], { session });
    if (!video) throw new Error('the video was not stored');
    const startedAt = start.uploadStatus === UploadStatus.RECEIVING ? now() : undefined;
    const entry = {
      ...{ _id: newId('upload'), ...owner, videoId: begun._id, method, filename, declaredBytes },
      ...{ sender: sender.id, address: sender.address },
      ...{ status: start.uploadStatus, createdAt: now(), startedAt },
    };
    await uploads.create([entry], { session });
    return video.toObject<Video>();
  }

  /** The video that this key has made, if it is still there. */
  async function repeated(keyId: string, method: UploadMethod): Promise<Video | undefined> {
    const known = await keys.findById(keyId).lean();
    if (!known) return undefined;
    const video = await videos.findById(known.videoId).lean<Video>();
    if (!video) await keys.deleteOne({ _id: keyId, videoId: known.videoId });
    if (!video) return undefined;
    const entry = await uploads.findOne({ videoId: video._id }, { method: 1 }).lean();
    if (entry?.method === method) return video;
    throw new AppError('CONFLICT', {
      message: 'The idempotency key has been used for another kind of upload.',
    });
  }

  return {
    async begin(upload, start, also) {
      const { project, method, idempotencyKey } = upload;
      const keyId = idempotencyKey == null ? undefined : keyIdOf(project._id, idempotencyKey);
      const before = keyId && (await repeated(keyId, method));
      if (before) return { video: before, isRepeat: true };
      const measured = {
        organizationId: project.organizationId,
        leastBytes: upload.leastBytes ?? upload.declaredBytes,
      };
      try {
        const begun = await db.transaction(async (session) => {
          const storageLeft = await quota.admit(measured, session);
          const video = await store(upload, start, session);
          if (keyId) await keys.create([{ _id: keyId, videoId: video._id, createdAt: now() }], { session });
          await also?.(video, session);
          return { video, storageLeft };
        });
        void publishProgress(deps.publisher, begun.video);
        return { ...begun, isRepeat: false };
      } catch (error) {
        // Somebody has sent the same at the same time.
        const first = keyId && isDuplicateKey(error) ? await repeated(keyId, method) : undefined;
        if (!first) throw error;
        return { video: first, isRepeat: true };
      }
    },

    async received(videoId, file, session) {
      const at = now();
      const video = await videos
        .findOneAndUpdate(
          {
            _id: videoId,
            uploadStatus: { $in: [...awaitedUploads] },
            status: { $in: [...unfinishedStatuses] },
          },
          {
            $set: {
              uploadStatus: UploadStatus.RECEIVED,
              source: file,
              'progress.stage': ProcessingStage.QUEUED,
              'progress.at': at,
              'progress.receivedBytes': file.sizeBytes,
              'progress.totalBytes': file.sizeBytes,
              queuedAt: at,
              receivedAt: at,
            },
            $inc: { 'progress.sequence': 1 },
            // An address may hold secrets: it is kept for as long as it is needed.
            $unset: { uploadLeaseUntil: 1, uploadExpiresAt: 1, importUrl: 1 },
          },
          { returnDocument: 'after', session },
        )
        .lean<Video>();
      if (!video) return undefined;
      const { organizationId, generation, priority } = video;
      await quota.checkStored(organizationId, session);
      const end = { status: UploadStatus.RECEIVED, receivedBytes: file.sizeBytes, endedAt: at };
      await uploads.updateOne({ videoId }, { $set: end }, { session });
      const owner = { videoId, organizationId, generation, priority };
      return { video, jobId: await deps.queue.enqueuePlan(owner, session) };
    },

    announce({ video, jobId }) {
      void deps.queue.hint([jobId]);
      void publishProgress(deps.publisher, video);
    },

    async logEnd(videoId, end, session) {
      await uploads.updateOne(
        { videoId, status: { $in: [...awaitedUploads] } },
        { $set: { ...end, endedAt: now() } },
        { session },
      );
    },
  };
}

/** @throws AppError BAD_USER_INPUT (field) */
function keyIdOf(projectId: string, key: string): string {
  if (key.length >= 1 && key.length <= MAX_KEY_LENGTH && key.isWellFormed()) return `${projectId}/${key}`;
  throw new AppError('BAD_USER_INPUT', {
    field: 'idempotencyKey',
    message: `The idempotency key must have 1–${MAX_KEY_LENGTH} characters.`,
  });
}
