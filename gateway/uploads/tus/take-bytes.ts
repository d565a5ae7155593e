import type { ClientSession } from 'mongoose';
import type { Readable } from 'node:stream';
import { createSHA256, type IHasher } from 'hash-wasm';
import type { BlobContainer } from '../../../platform/blob.js';
import { HEAD_BYTES, refuseOtherThanMedia } from '../../../platform/container-sniff.js';
import type { Logger } from '../../../platform/logger.js';
import { type StorageLeft, storageExceeded } from '../../../platform/quota/quota.js';
import { AppError } from '../../../schema/errors.js';
import type { UploadSession } from '../../../schema/upload-session.js';
import type { Arrivals } from './arrivals.js';
import { type BlockSink, type FilledBlock, writeBlocks } from './block-writer.js';
import type { Checksum } from './checksum.js';
import type { CountedBlock, SessionStore } from './session-store.js';
import type { Hold } from './upload-locker.js';

/** https://learn.microsoft.com/rest/api/storageservices/put-block-list */
export const MAX_BLOCKS = 50_000;
export const BLOCK_BYTES = 4 * 1024 * 1024;

export interface ByteTakerDeps {
  sessions: Pick<SessionStore, 'count' | 'complete' | 'blocksOf'>;
  blobs: Pick<BlobContainer, 'stageBlock' | 'commitBlocks' | 'readBytes'>;
  arrivals: Pick<Arrivals, 'received'>;
  /** What an organization may still store, where that is limited. */
  storageLeft: (organizationId: string) => Promise<StorageLeft | undefined>;
  /** The most that any file may have. */
  maxBytes: number;
  log: Logger;
  blockBytes?: number;
  onBytes?: (bytes: number) => void;
}

export interface Incoming {
  session: UploadSession;
  source: Readable;
  hold: Hold;
  checksum?: Checksum;
  /** Told with each piece: how much of the file has arrived. */
  onArrived: (bytes: number) => void;
}

export type TakeBytes = (incoming: Incoming) => Promise<number>;

export const tooManyBlocks = (): AppError =>
  new AppError('UPLOAD_TOO_LARGE', { message: 'The file comes in too many small pieces: send larger ones.' });

/** Fixed in length, as storage wants it; the epoch keeps a writer that lost its lock from another one's blocks. */
const blockId = (index: number, epoch: number): string =>
  `${String(index).padStart(5, '0')}.${String(epoch).padStart(6, '0')}`;

/** Takes bytes of a session into storage, and has its video queued when it is whole; returns the new offset. */
export function createByteTaker(deps: ByteTakerDeps): TakeBytes {
  const { sessions, blobs, blockBytes = BLOCK_BYTES } = deps;

  /** @throws AppError where the file grows past what it may have */
  function checkSize(bytes: number, left: StorageLeft | undefined): void {
    if (bytes > deps.maxBytes) throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: deps.maxBytes });
    if (left && bytes > left.bytes) throw storageExceeded(left);
  }

  async function count(session: UploadSession, block: CountedBlock): Promise<void> {
    if (!(await sessions.count(session._id, block))) throw new AppError('UPLOAD_ENDED');
  }

  /** Stages blocks at once, and keeps those that may not count yet in `kept`. */
  function sinkOf({ session, hold, checksum }: Incoming, kept: CountedBlock[]): BlockSink {
    const { blobKey, videoId, sizeBytes } = session;
    let { isSniffed } = session;
    const counted = ({ index, start, bytes, hashState }: FilledBlock): CountedBlock => ({
      ...{ id: blockId(index, hold.epoch), epoch: hold.epoch, start, bytes, isSniffed },
      hashState: hashState && Buffer.from(hashState).toString('base64'),
    });
    return {
      async stage({ index, start }, body) {
        if (index >= MAX_BLOCKS) throw tooManyBlocks();
        if (videoId !== undefined && start === 0 && body.length >= HEAD_BYTES) {
          await refuseOtherThanMedia(body.subarray(0, HEAD_BYTES));
          isSniffed = true;
        }
        await blobs.stageBlock(blobKey, blockId(index, hold.epoch), body, hold.lost);
      },
      async count(filled) {
        const block = counted(filled);
        // The last one counts with the video: a sender who never heard of it sends it again.
        if (checksum || block.start + block.bytes === sizeBytes) kept.push(block);
        else await count(session, block);
      },
    };
  }

  /** All bytes are staged: makes the blob, and has its video queued. */
  async function finish(
    session: UploadSession,
    hash: IHasher | undefined,
    last?: CountedBlock,
  ): Promise<void> {
    const { _id: id, blobKey, videoId, filename, sizeBytes = 0 } = session;
    const staged = await sessions.blocksOf(id);
    await blobs.commitBlocks(blobKey, last ? [...staged, last.id] : staged);
    const complete = async (txn?: ClientSession): Promise<void> => {
      if (!(await sessions.complete(id, last, txn))) throw new AppError('UPLOAD_ENDED');
    };
    if (videoId === undefined) return complete();
    if (!session.isSniffed && !last?.isSniffed) await lookInto(blobKey, sizeBytes);
    await deps.arrivals.received(videoId, { filename, sizeBytes, sha256: hash?.digest() }, complete);
  }

  async function lookInto(blobKey: string, sizeBytes: number): Promise<void> {
    const bytes = Math.min(sizeBytes, HEAD_BYTES);
    await refuseOtherThanMedia((await blobs.readBytes(blobKey, { start: 0, bytes })) ?? Buffer.alloc(0));
  }

  return async (incoming) => {
    const { session, source, checksum } = incoming;
    const left = await deps.storageLeft(session.organizationId);
    checkSize(session.sizeBytes ?? 0, left);
    const hash = await resumeHash(session, deps.log);
    const kept: CountedBlock[] = [];
    const offset = await writeBlocks(source as AsyncIterable<Buffer>, {
      ...{ offset: session.offset, blockCount: session.blockCount, blockBytes, hash },
      onPiece(piece, end) {
        checksum?.update(piece);
        deps.onBytes?.(piece.length);
        incoming.onArrived(end);
        checkSize(end, left);
      },
      sink: sinkOf(incoming, kept),
    });
    checksum?.verify();
    const last = offset === session.sizeBytes ? kept.pop() : undefined;
    for (const block of kept) await count(session, block);
    if (offset === session.sizeBytes) await finish(session, hash, last);
    return offset;
  };
}

/** Goes on with the hash of an upload; undefined where its state is missing, or of another build. */
async function resumeHash({ offset, hashState }: UploadSession, log: Logger): Promise<IHasher | undefined> {
  const hash = await createSHA256();
  if (offset === 0) return hash.init();
  if (hashState === undefined) return undefined;
  try {
    return hash.load(Buffer.from(hashState, 'base64'));
  } catch (err) {
    log.warn({ err }, 'hash of an upload not gone on with');
    return undefined;
  }
}
