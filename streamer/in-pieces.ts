import { arrivedBlob } from '../platform/arriving-blob.js';
import type { FilePart } from './stream-request.js';

/**
 * Bytes that are handed to a connection at once. Node's HTTP server says of a single write only that it is done, of one
 * that a client has left behind too: so of an answer that is broken off, this much is not known.
 */
export const PIECE_BYTES = 1024 * 1024;

/**
 * A part of a file in pieces, each when it is there and the one before was taken. `onTaken` is told how many bytes have
 * been: sent, or on their way in the system's buffers. @throws what storage broke off with
 */
export async function* inPieces(
  { file: { body, arriving = arrivedBlob(body) }, range: { start, end } }: FilePart,
  onTaken: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for (let at = start; at <= end; onTaken(at - start)) {
    const there = arriving.filled > at ? arriving.filled : await arriving.beyond(at);
    const piece = body.bytes(at, Math.min(there, end + 1, at + PIECE_BYTES));
    at += piece.length;
    yield piece;
  }
}
