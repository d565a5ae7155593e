import { Readable } from 'node:stream';
import { asError } from '../platform/as-error.js';
import type { ArrivingBlob } from '../platform/arriving-blob.js';
import type { ByteRange } from './byte-range.js';

/**
 * Bytes that are handed to a connection at once. Node says of a single write only that it is done, of one that a client
 * has left behind too: so of an answer that is broken off, this much is not known.
 */
export const PIECE_BYTES = 1024 * 1024;

/**
 * A part of a file in pieces, each handed on when it is there and the one before was taken. `onTaken` is told how many
 * bytes have been: sent, or on their way in the system's buffers.
 */
export function inPieces(
  file: Pick<ArrivingBlob, 'body' | 'filled' | 'beyond'>,
  { start, end }: ByteRange,
  onTaken: (bytes: number) => void,
): Readable {
  let at = start;

  function pushNext(pieces: Readable, there: number): void {
    if (pieces.destroyed) return;
    const piece = file.body.bytes(at, Math.min(there, end + 1, at + PIECE_BYTES));
    at += piece.length;
    pieces.push(piece);
  }

  return new Readable({
    // Nothing is read ahead.
    highWaterMark: 0,
    read() {
      onTaken(at - start);
      if (at > end) this.push(null);
      else if (file.filled > at) pushNext(this, file.filled);
      else
        file.beyond(at).then(
          (there) => pushNext(this, there),
          (error: unknown) => this.destroy(asError(error)),
        );
    },
  });
}
