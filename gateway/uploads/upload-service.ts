import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { BlobContainer } from '../../platform/blob.js';
import { mediaOnly } from '../../platform/container-sniff.js';
import type { Intake, NewUpload, ReceivedFile } from '../../platform/intake.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import type { StorageLeft } from '../../platform/quota/quota.js';
import { sourceKey } from '../../schema/blob-paths.js';
import { UploadStatus, VideoStatus } from '../../schema/enums.js';
import { AppError, type ErrorCode } from '../../schema/errors.js';
import type { Project } from '../../schema/project.js';
import { UploadMethod } from '../../schema/upload-entry.js';
import type { Video } from '../../schema/video.js';
import { displayFilename, displayText, titleOfFile } from '../videos/display-text.js';
import { meteredSource } from './metered-source.js';
import { UPLOAD_TICK_MS, type UploadProgress } from './upload-progress.js';
import type { UploadStore } from './upload-store.js';

export interface IncomingUpload {
  project: Project;
  /** The file name without its extension where absent. */
  title?: string | null;
  /** For a title that may come after the file: asked once `source` has ended, and used instead of `title`. */
  lateTitle?: () => string | undefined;
  /** As the sender calls it. */
  filename: string;
  /** Anything else than a video is found out when it is probed. */
  source: Readable;
  /** What is known of its size. */
  leastBytes?: number;
  sender: NewUpload['sender'];
  /** The same key and project: the same video, for 24 hours; then the source is not read. */
  idempotencyKey?: string | null;
}

export interface UploadService {
  /**
   * Streams a file into blob storage and queues it for processing.
   * @throws AppError UPLOAD_TOO_LARGE, QUOTA_EXCEEDED (limit, max, used), UPLOAD_ABORTED, UNSUPPORTED_MEDIA (found),
   * BAD_USER_INPUT (an empty file, idempotencyKey), UNAVAILABLE; then neither the blob nor the video is left. CONFLICT where the video was stopped: then it stays, as such.
   */
  receive(upload: IncomingUpload): Promise<Video>;
  /** Breaks off an upload that this process receives, since its video was stopped. */
  cancel(videoId: string): void;
  /** Removes what is left of an upload, unless it was received: then returns its video. */
  discard(videoId: string): Promise<Video | undefined>;
  /** Resolves when no upload is being received or cleaned up. */
  settled(): Promise<void>;
}

export interface UploadServiceDeps {
  db: Database;
  intake: Intake;
  uploads: UploadStore;
  progress: UploadProgress;
  blobs: BlobContainer;
  log: Logger;
  maxBytes: number;
  /** A sender that pauses for longer has gone away, milliseconds. */
  idleMs?: number;
  onBytes?: (bytes: number) => void;
  onEnd?: (outcome: string) => void;
}

const IDLE_MS = 60_000;

/** A file on its way. */
interface Transfer {
  sizeBytes: number;
  storageLeft?: StorageLeft;
  controller: AbortController;
}

interface UploadFailure {
  errorCode: ErrorCode;
  receivedBytes?: number;
}

const stopped = (): AppError =>
  new AppError('CONFLICT', { status: VideoStatus.STOPPED, message: 'The video was stopped.' });

export function createUploadService(deps: UploadServiceDeps): UploadService {
  const { intake, uploads, blobs } = deps;
  const receiving = new Set<Promise<unknown>>();
  const transfers = new Map<string, Transfer>();

  async function receive({ source, lateTitle, ...upload }: IncomingUpload): Promise<Video> {
    const filename = displayFilename(upload.filename);
    const title = displayText(upload.title ?? '') || titleOfFile(filename);
    const start = { uploadStatus: UploadStatus.RECEIVING, uploadLeaseUntil: uploads.leaseUntil() };
    const described = { ...upload, method: UploadMethod.MULTIPART, filename, title };
    const { video, storageLeft, isRepeat } = await intake.begin(described, start);
    if (isRepeat) return video;
    const transfer: Transfer = { sizeBytes: 0, controller: new AbortController(), storageLeft };
    transfers.set(video._id, transfer);
    try {
      const sha256 = await store(video._id, source, transfer);
      const file = { filename, sizeBytes: transfer.sizeBytes, sha256 };
      return await finish(video._id, file, displayText(lateTitle?.() ?? ''));
    } catch (error) {
      const received = await giveUp(video._id, transfer, error);
      if (received) return received;
      throw error;
    } finally {
      transfers.delete(video._id);
    }
  }

  const cancel = (videoId: string): void => transfers.get(videoId)?.controller.abort(stopped());

  /** Returns the SHA-256 of what was stored. */
  async function store(videoId: string, source: Readable, transfer: Transfer): Promise<string> {
    const lease = keepLease(videoId, transfer);
    const hash = createHash('sha256');
    const metered = meteredSource(source, {
      maxBytes: deps.maxBytes,
      storageLeft: transfer.storageLeft,
      idleMs: deps.idleMs ?? IDLE_MS,
      onBytes(bytes) {
        transfer.sizeBytes += bytes.length;
        hash.update(bytes);
        deps.onBytes?.(bytes.length);
      },
    });
    const body = Readable.from(mediaOnly(metered), { objectMode: false });
    const { signal } = transfer.controller;
    // The sender may be silent: only the end of its stream ends what waits for it.
    signal.addEventListener('abort', () => source.destroy(signal.reason as Error), { once: true });
    try {
      await blobs.putStream(sourceKey(videoId), body, { contentType: 'application/octet-stream' });
    } catch (error) {
      source.destroy();
      body.destroy();
      throw error instanceof AppError ? error : new AppError('UNAVAILABLE', {}, { cause: error });
    } finally {
      clearInterval(lease);
    }
    return hash.digest('hex');
  }

  /** Without any message, this is how an upload learns that its video was stopped elsewhere. */
  function keepLease(videoId: string, transfer: Transfer): NodeJS.Timeout {
    return setInterval(() => {
      deps.progress
        .tick(videoId, { receivedBytes: transfer.sizeBytes })
        .then((isAwaited) => isAwaited || cancel(videoId))
        .catch((err: unknown) => {
          deps.log.warn({ err, videoId }, 'lease of an upload not renewed');
        });
    }, UPLOAD_TICK_MS);
  }

  async function finish(videoId: string, file: ReceivedFile, lateTitle: string): Promise<Video> {
    const received = await deps.db.transaction(async (session) => {
      if (lateTitle !== '') await uploads.retitle(videoId, lateTitle, session);
      const upload = await intake.received(videoId, file, session);
      if (!upload) throw (await uploads.isStopped(videoId)) ? stopped() : new AppError('UPLOAD_ABORTED');
      return upload;
    });
    intake.announce(received);
    deps.onEnd?.('RECEIVED');
    return received.video;
  }

  async function giveUp(
    videoId: string,
    { sizeBytes }: Transfer,
    error: unknown,
  ): Promise<Video | undefined> {
    const errorCode = error instanceof AppError ? error.code : 'INTERNAL';
    deps.onEnd?.(errorCode);
    try {
      return await discard(videoId, { errorCode, receivedBytes: sizeBytes });
    } catch (err) {
      deps.log.warn({ err, videoId }, 'upload not cleaned up yet; the sweeper will');
      return undefined;
    }
  }

  async function discard(
    videoId: string,
    why: UploadFailure = { errorCode: 'UPLOAD_ABORTED' },
  ): Promise<Video | undefined> {
    const received = await uploads.abandon(videoId);
    if (received) return received;
    await intake.logEnd(videoId, { status: UploadStatus.FAILED, ...why });
    await blobs.discardBlocks(sourceKey(videoId));
    await uploads.remove(videoId);
    return undefined;
  }

  return {
    receive(upload) {
      const work = receive(upload);
      const settled = work.catch(() => undefined).finally(() => receiving.delete(settled));
      receiving.add(settled);
      return work;
    },
    cancel,
    discard: (videoId) => discard(videoId),
    async settled() {
      await Promise.all(receiving);
    },
  };
}
