import type { Readable } from 'node:stream';
import type { Logger } from '../../../platform/logger.js';
import { AppError, type ErrorCode } from '../../../schema/errors.js';
import { SessionState, type UploadSession } from '../../../schema/upload-session.js';
import { UPLOAD_TICK_MS, type UploadProgress } from '../upload-progress.js';
import type { Checksum } from './checksum.js';
import type { SessionEnds } from './session-end.js';
import { SESSION_MS, type SessionStore } from './session-store.js';
import { BLOCK_BYTES, MAX_BLOCKS, type TakeBytes, tooManyBlocks } from './take-bytes.js';
import type { UploadLocker } from './upload-locker.js';

export interface WriteOptions {
  /** Where the bytes belong. */
  offset: number;
  /** None of the bytes counts unless all of them have this hash. */
  checksum?: Checksum;
}

/** Goes on with uploads, as long as they are waited for. */
export interface SessionWriter {
  /**
   * Goes on with an upload that this process has the lock of; queues its video when it is whole. Where the
   * source breaks off, what arrived before counts.
   * @returns the offset after it.
   * @throws AppError NOT_FOUND, UPLOAD_ENDED, CONFLICT (offset), CHECKSUM_MISMATCH, UNAVAILABLE; UNSUPPORTED_MEDIA,
   * UPLOAD_TOO_LARGE and QUOTA_EXCEEDED end the upload; or what the source threw
   */
  write(id: string, source: Readable, options: WriteOptions): Promise<number>;
  /** Breaks off what is being written for a video. */
  stop(videoId: string): void;
  /** Breaks off everything and begins no more, since this process stops; resolves when all is counted that arrived. */
  close(): Promise<void>;
}

/** Errors that no further request can mend. */
const fatal: ReadonlySet<ErrorCode> = new Set(['UNSUPPORTED_MEDIA', 'UPLOAD_TOO_LARGE', 'QUOTA_EXCEEDED']);

export const isFatal = (error: unknown): error is AppError =>
  error instanceof AppError && fatal.has(error.code);

const stopping = (): AppError =>
  new AppError('UNAVAILABLE', { message: 'The server is stopping: resume the upload.' });

interface Writing {
  videoId?: string;
  breakOff(reason: AppError): void;
  done: Promise<unknown>;
}

export function createSessionWriter(deps: {
  sessions: Pick<SessionStore, 'find'>;
  locker: Pick<UploadLocker, 'held'>;
  progress: UploadProgress;
  ends: Pick<SessionEnds, 'end'>;
  take: TakeBytes;
  log: Logger;
  blockBytes?: number;
}): SessionWriter {
  const { sessions, progress, blockBytes = BLOCK_BYTES } = deps;
  const running = new Set<Writing>();
  let isClosing = false;

  async function open(id: string, offset: number): Promise<UploadSession> {
    const session = await sessions.find(id);
    if (!session) throw new AppError('NOT_FOUND');
    if (session.state === SessionState.ENDED) throw new AppError('UPLOAD_ENDED');
    if (session.offset !== offset) throw new AppError('CONFLICT', { offset: session.offset });
    const { sizeBytes = offset, blockCount } = session;
    if (blockCount + Math.ceil((sizeBytes - offset) / blockBytes) > MAX_BLOCKS) throw tooManyBlocks();
    return session;
  }

  /** Says how much has arrived; false where nobody waits for it any more. */
  async function tell({ videoId }: UploadSession, receivedBytes: number): Promise<boolean> {
    if (videoId === undefined) return true;
    const expiresAt = new Date(Date.now() + SESSION_MS);
    return progress.tick(videoId, { receivedBytes, expiresAt });
  }

  async function write(id: string, source: Readable, { offset, checksum }: WriteOptions): Promise<number> {
    const session = await open(id, offset);
    if (session.state === SessionState.DONE) return session.offset;
    const hold = deps.locker.held(id);
    if (!hold) throw new AppError('LEASE_LOST');
    if (!(await tell(session, offset))) throw new AppError('UPLOAD_ENDED');
    if (isClosing) throw stopping();
    let arrived = offset;
    const onArrived = (bytes: number) => (arrived = bytes);
    // Once all is there, the transaction that queues the video decides.
    const breakOff = (reason: AppError) => void (source.readableEnded || source.destroy(reason));
    hold.lost.addEventListener('abort', () => breakOff(new AppError('LEASE_LOST')), { once: true });
    const ticking = setInterval(() => {
      tell(session, arrived).then(
        (isAwaited) => isAwaited || breakOff(new AppError('UPLOAD_ENDED')),
        (err: unknown) => deps.log.warn({ err, videoId: session.videoId }, 'progress of an upload not told'),
      );
    }, UPLOAD_TICK_MS);
    const work = deps.take({ session, source, hold, checksum, onArrived });
    const writing = { videoId: session.videoId, breakOff, done: work.catch(() => undefined) };
    running.add(writing);
    try {
      return await work;
    } catch (error) {
      if (isFatal(error)) await deps.ends.end(session, error);
      throw error;
    } finally {
      clearInterval(ticking);
      running.delete(writing);
    }
  }

  return {
    write,
    stop(videoId) {
      for (const writing of running)
        if (writing.videoId === videoId) writing.breakOff(new AppError('UPLOAD_ENDED'));
    },
    async close() {
      isClosing = true;
      for (const writing of running) writing.breakOff(stopping());
      await Promise.all([...running].map(({ done }) => done));
    },
  };
}
