import type { Socket } from 'node:net';
import { inPieces } from '../in-pieces.js';
import type { FilePart } from '../stream-request.js';
import { write, writeTogether } from './write.js';

/**
 * Sends a part of a file in pieces. `onTaken` is told how many bytes have been taken.
 * @throws what the connection or the storage ended with
 */
export async function sendCopies(
  socket: Socket,
  { head, part, onTaken }: { head: string; part: FilePart; onTaken: (bytes: number) => void },
): Promise<void> {
  let isBegun = false;
  for await (const piece of inPieces(part, onTaken)) {
    await (isBegun ? write(socket, piece) : writeTogether(socket, head, piece));
    isBegun = true;
  }
  if (!isBegun) await write(socket, head);
}
