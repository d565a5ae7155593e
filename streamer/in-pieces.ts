import { Readable } from 'node:stream';

/**
 * Bytes that are handed to a connection at once. Node says of a single write only that it is done, of one that a client
 * has left behind too: so of an answer that is broken off, this much is not known.
 */
export const PIECE_BYTES = 512 * 1024;

/**
 * A body in pieces, each handed on when the one before was taken. `onTaken` is told how many bytes have been: sent, or on
 * their way in the system's buffers.
 */
export function inPieces(body: Buffer, onTaken: (bytes: number) => void): Readable {
  let handedOn = 0;
  return new Readable({
    // Nothing is read ahead.
    highWaterMark: 0,
    read() {
      onTaken(handedOn);
      const piece = body.subarray(handedOn, handedOn + PIECE_BYTES);
      handedOn += piece.length;
      this.push(piece.length > 0 ? piece : null);
    },
  });
}
