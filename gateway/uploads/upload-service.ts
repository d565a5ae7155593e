import { Readable } from 'node:stream';
import type { BlobContainer } from '../../platform/blob.js';
import type { JobQueue } from '../../platform/job-queue.js';
import type { Publisher } from '../../platform/kafka.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import { publishProgress } from '../../platform/progress-publisher.js';
import { sourceKey } from '../../schema/blob-paths.js';
import { VideoStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import type { Project } from '../../schema/project.js';
import type { Video } from '../../schema/video.js';
import type { StorageLeft } from '../limits/quota.js';
import { displayFilename, displayText, titleOfFile } from '../videos/display-text.js';
import { meteredSource } from './metered-source.js';
import { type ReceivedFile, UPLOAD_LEASE_MS, type UploadStore } from './upload-store.js';

export interface IncomingUpload {
  project: Project;
  /** The file name without its extension where absent. */
  title?: string | null;
  /** As the sender calls it. */
  filename: string;
  /** Anything else than a video is found out when it is probed. */
  source: Readable;
  /** What is known of its size. */
  leastBytes?: number;
}

export interface UploadService {
  /**
   * Streams a file into blob storage and queues it for processing.
   * @throws AppError UPLOAD_TOO_LARGE, QUOTA_EXCEEDED (limit, max, used), UPLOAD_ABORTED, BAD_USER_INPUT (an empty file), UNAVAILABLE; then
   * neither the blob nor the video is left. CONFLICT where the video was stopped: then it stays, as such.
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
  uploads: UploadStore;
  blobs: BlobContainer;
  jobQueue: JobQueue;
  publisher: Publisher;
  log: Logger;
  maxBytes: number;
  /** A sender that pauses for longer has gone away, milliseconds. */
  idleMs?: number;
  onBytes?: (bytes: number) => void;
  onEnd?: (outcome: string) => void;
}

const IDLE_MS = 60_000;

/** How soon at the latest, without any message, an upload learns that its video was stopped elsewhere. */
const RENEW_MS = UPLOAD_LEASE_MS / 10;

const stopped = (): AppError =>
  new AppError('CONFLICT', { status: VideoStatus.STOPPED, message: 'The video was stopped.' });

export function createUploadService(deps: UploadServiceDeps): UploadService {
  const { uploads, blobs, jobQueue, publisher } = deps;
  const receiving = new Set<Promise<unknown>>();
  const transfers = new Map<string, AbortController>();

  async function receive(upload: IncomingUpload): Promise<Video> {
    const filename = displayFilename(upload.filename);
    const title = displayText(upload.title ?? '') || titleOfFile(filename);
    const { project, leastBytes } = upload;
    const { video, storageLeft } = await uploads.begin({ project, title, leastBytes });
    announce(video);
    const transfer = new AbortController();
    transfers.set(video._id, transfer);
    try {
      const bounds = { storageLeft, signal: transfer.signal };
      const sizeBytes = await store(video._id, upload.source, bounds);
      return await finish(video, { filename, sizeBytes });
    } catch (error) {
      const received = await giveUp(video, error);
      if (received) return received;
      throw error;
    } finally {
      transfers.delete(video._id);
    }
  }

  const cancel = (videoId: string): void => transfers.get(videoId)?.abort(stopped());

  /** Returns how many bytes were stored. */
  async function store(
    videoId: string,
    source: Readable,
    { storageLeft, signal }: { storageLeft?: StorageLeft; signal: AbortSignal },
  ): Promise<number> {
    const lease = keepLease(videoId);
    let sizeBytes = 0;
    const metered = meteredSource(source, {
      maxBytes: deps.maxBytes,
      storageLeft,
      idleMs: deps.idleMs ?? IDLE_MS,
      onBytes(bytes) {
        sizeBytes += bytes;
        deps.onBytes?.(bytes);
      },
    });
    const body = Readable.from(metered, { objectMode: false });
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
    return sizeBytes;
  }

  function keepLease(videoId: string): NodeJS.Timeout {
    return setInterval(() => {
      uploads
        .renewLease(videoId)
        .then((held) => held || cancel(videoId))
        .catch((err: unknown) => {
          deps.log.warn({ err, videoId }, 'lease of an upload not renewed');
        });
    }, RENEW_MS);
  }

  async function finish(video: Video, file: ReceivedFile): Promise<Video> {
    const { _id: videoId, organizationId, generation, priority } = video;
    const { received, jobId } = await deps.db.transaction(async (session) => {
      const received = await uploads.markReceived(videoId, file, session);
      if (!received) throw (await uploads.isStopped(videoId)) ? stopped() : new AppError('UPLOAD_ABORTED');
      return {
        received,
        jobId: await jobQueue.enqueuePlan({ videoId, organizationId, generation, priority }, session),
      };
    });
    void jobQueue.hint([jobId]);
    announce(received);
    deps.onEnd?.('RECEIVED');
    return received;
  }

  /** Nobody waits for the message: a broker that is down must not hold up an upload. */
  function announce(video: Video): void {
    void publishProgress(publisher, video);
  }

  async function giveUp(video: Video, error: unknown): Promise<Video | undefined> {
    deps.onEnd?.(error instanceof AppError ? error.code : 'INTERNAL');
    try {
      return await discard(video._id);
    } catch (err) {
      deps.log.warn({ err, videoId: video._id }, 'upload not cleaned up yet; the sweeper will');
      return undefined;
    }
  }

  async function discard(videoId: string): Promise<Video | undefined> {
    const received = await uploads.abandon(videoId);
    if (received) return received;
    await blobs.delete(sourceKey(videoId));
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
    discard,
    async settled() {
      await Promise.all(receiving);
    },
  };
}
