import type { Readable } from 'node:stream';
import { AppError } from '../../schema/errors.js';
import { storageExceeded, type StorageLeft } from '../../platform/quota/quota.js';

export interface MeterOptions {
  maxBytes: number;
  /** What the organization may still store, where that is limited. */
  storageLeft?: StorageLeft;
  /** The sender may pause for this long, milliseconds. */
  idleMs: number;
  onBytes: (bytes: Buffer) => void;
}

/**
 * Passes on the bytes of an upload while they keep to the rules. The time the reader takes does not
 * count as the sender's pause.
 * @throws AppError UPLOAD_TOO_LARGE, QUOTA_EXCEEDED, BAD_USER_INPUT for an empty file, UPLOAD_ABORTED after a pause that
 * is too long or when the source ends early.
 */
export async function* meteredSource(source: Readable, options: MeterOptions): AsyncGenerator<Buffer> {
  const giveUp = () => source.destroy(new AppError('UPLOAD_ABORTED', { idleSeconds: options.idleMs / 1000 }));
  const { storageLeft } = options;
  let total = 0;
  let watchdog = setTimeout(giveUp, options.idleMs);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      clearTimeout(watchdog);
      total += chunk.length;
      if (total > options.maxBytes) throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: options.maxBytes });
      if (storageLeft && total > storageLeft.bytes) throw storageExceeded(storageLeft);
      options.onBytes(chunk);
      yield chunk;
      watchdog = setTimeout(giveUp, options.idleMs);
    }
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('UPLOAD_ABORTED', {}, { cause: error });
  } finally {
    clearTimeout(watchdog);
  }
  if (total === 0) throw new AppError('BAD_USER_INPUT', { field: 'file', message: 'The file is empty.' });
}
