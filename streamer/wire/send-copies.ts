import type { Socket } from 'node:net';
import { arrivedBlob } from '../../platform/arriving-blob.js';
import { PIECE_BYTES } from '../in-pieces.js';
import type { FilePart } from '../stream-request.js';
import { write, writeTogether } from './write.js';

/**
 * Sends a part of a file, each piece when it is there and the one before was taken. `onTaken` is told how many bytes
 * have been. @throws what the connection or the storage ended with
 */
export async function sendCopies(
  socket: Socket,
  { head, part, onTaken }: { head: string; part: FilePart; onTaken: (bytes: number) => void },
): Promise<void> {
  const { body, arriving = arrivedBlob(body) } = part.file;
  const { start, end } = part.range;
  if (start > end) return write(socket, head);
  for (let at = start; at <= end; onTaken(at - start)) {
    const there = arriving.filled > at ? arriving.filled : await arriving.beyond(at);
    const piece = body.bytes(at, Math.min(there, end + 1, at + PIECE_BYTES));
    await (at === start ? writeTogether(socket, head, piece) : write(socket, piece));
    at += piece.length;
  }
}
