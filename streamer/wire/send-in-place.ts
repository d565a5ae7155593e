import type { Socket } from 'node:net';
import { arrivedBlob } from '../../platform/arriving-blob.js';
import type { InPlace } from '../../platform/memory/body.js';
import type { FilePart } from '../stream-request.js';
import { write } from './write.js';

/** Copied where the socket takes no more at once: when these are taken, it takes more again. */
const COPIED_BYTES = 16 * 1024;

/** Node keeps the number of a socket in the same place since its first version; -1 where the socket is closed. */
const numberOf = (socket: Socket): number =>
  (socket as unknown as { _handle?: { fd: number } | null })._handle?.fd ?? -1;

/**
 * Sends a part of a file from where it is in memory. `onTaken` is told how many bytes have been taken.
 * @throws what the connection or the storage ended with
 */
export async function sendInPlace(
  socket: Socket,
  options: { head: string; part: FilePart; memory: InPlace; onTaken: (bytes: number) => void },
): Promise<void> {
  const { head, part, memory, onTaken } = options;
  const { body, arriving = arrivedBlob(body) } = part.file;
  const { start, end } = part.range;
  let at = start;

  /** Hands on what there is of it, as far as the socket takes that at once. What Node has still to write goes first. */
  function push(): void {
    const there = Math.min(arriving.filled, end + 1);
    for (let taken = 1; taken > 0 && at < there && socket.writableLength === 0; at += taken) {
      if (socket.destroyed) throw new Error('the connection is closed');
      taken = memory.send(numberOf(socket), at, there - at);
    }
    onTaken(at - start);
  }

  const lead = Buffer.from(head, 'latin1');
  const led = socket.writableLength === 0 ? memory.lead(numberOf(socket), lead) : 0;
  if (led < lead.length) socket.write(lead.subarray(led));
  push();
  while (at <= end) {
    if (arriving.filled <= at) await arriving.beyond(at);
    else {
      const piece = body.bytes(at, Math.min(at + COPIED_BYTES, arriving.filled, end + 1));
      await write(socket, piece);
      at += piece.length;
    }
    push();
  }
}
