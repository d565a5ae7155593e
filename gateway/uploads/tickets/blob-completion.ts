import type { BlobContainer } from '../../../platform/blob.js';
import { HEAD_BYTES, refuseOtherThanMedia } from '../../../platform/container-sniff.js';
import { type StorageLeft, storageExceeded } from '../../../platform/quota/quota.js';
import { intakeKey, sourceKey } from '../../../schema/blob-paths.js';
import { awaitedUploads, UploadStatus } from '../../../schema/enums.js';
import { AppError } from '../../../schema/errors.js';
import type { UploadSession } from '../../../schema/upload-session.js';
import type { Video } from '../../../schema/video.js';
import type { Arrivals } from '../tus/arrivals.js';
import type { SessionEnds } from '../tus/session-end.js';
import type { SessionStore } from '../tus/session-store.js';
import { isFatal } from '../tus/session-writer.js';
import type { UploadLocker } from '../tus/upload-locker.js';

/** Takes over what a sender has written to blob storage by itself. */
export interface BlobCompletion {
  /**
   * Makes it the source of its video, out of the sender's reach, and queues the video; again, or twice at once: the
   * same.
   * @throws AppError CONFLICT (status) where nothing is there yet, or nothing is awaited; BAD_USER_INPUT (sizeBytes);
   * UPLOAD_TOO_LARGE, QUOTA_EXCEEDED and UNSUPPORTED_MEDIA end the upload; UNAVAILABLE
   */
  complete(session: UploadSession, read: () => Promise<Video>): Promise<Video>;
}

export function createBlobCompletion(deps: {
  blobs: Pick<BlobContainer, 'properties' | 'copy' | 'readBytes' | 'delete'>;
  sessions: Pick<SessionStore, 'complete'>;
  locker: Pick<UploadLocker, 'with'>;
  arrivals: Pick<Arrivals, 'received'>;
  ends: Pick<SessionEnds, 'end'>;
  storageLeft: (organizationId: string) => Promise<StorageLeft | undefined>;
  maxBytes: number;
}): BlobCompletion {
  const { blobs, sessions } = deps;

  /** What is stored there, unless it is none or too much. */
  async function measure(key: string, { sizeBytes, organizationId }: UploadSession): Promise<number> {
    const { bytes = 0 } = (await blobs.properties(key)) ?? {};
    if (bytes === 0) {
      const message = 'Nothing has been uploaded yet.';
      throw new AppError('CONFLICT', { status: UploadStatus.WAITING, message });
    }
    if (bytes > deps.maxBytes) throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: deps.maxBytes });
    const left = await deps.storageLeft(organizationId);
    if (left && bytes > left.bytes) throw storageExceeded(left);
    if (sizeBytes !== undefined && bytes !== sizeBytes) {
      const message = `${sizeBytes} bytes were announced, and ${bytes} are there.`;
      throw new AppError('BAD_USER_INPUT', { field: 'sizeBytes', message });
    }
    return bytes;
  }

  async function takeOver(session: UploadSession, videoId: string): Promise<Video> {
    const source = sourceKey(videoId);
    await measure(session.blobKey, session);
    await blobs.copy(session.blobKey, source);
    try {
      // The sender can write until its URL ends: only what is ours now is looked at.
      const sizeBytes = await measure(source, session);
      const head = await blobs.readBytes(source, { start: 0, bytes: Math.min(sizeBytes, HEAD_BYTES) });
      await refuseOtherThanMedia(head ?? Buffer.alloc(0));
      return await deps.arrivals.received(videoId, { filename: session.filename, sizeBytes }, async (txn) => {
        if (!(await sessions.complete(session._id, undefined, txn))) throw new AppError('UPLOAD_ENDED');
      });
    } catch (error) {
      // Without an answer to the last step it may have been taken.
      if (error instanceof AppError) await blobs.delete(source);
      throw error;
    }
  }

  async function complete(session: UploadSession, read: () => Promise<Video>): Promise<Video> {
    const video = await read();
    if (video.uploadStatus === UploadStatus.RECEIVED) return video;
    if (!awaitedUploads.includes(video.uploadStatus)) {
      throw new AppError('CONFLICT', { status: video.uploadStatus, message: 'The upload has ended.' });
    }
    try {
      const received = await takeOver(session, video._id);
      await blobs.delete(intakeKey(video._id));
      return received;
    } catch (error) {
      if (isFatal(error)) await deps.ends.end(session, error);
      throw error;
    }
  }

  return {
    complete: (session, read) => deps.locker.with(session._id, () => complete(session, read)),
  };
}
