import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { StreamAnswer } from '../stream-request.js';
import { httpDate } from './http-date.js';
import { sendCopies } from './send-copies.js';
import { sendInPlace } from './send-in-place.js';
import { write, writeTogether } from './write.js';

/** How an answer is sent. */
export interface Sending {
  /** Headers alone. */
  isHead: boolean;
  /** Of the connection: ready-made lines. */
  connection: string;
  /** The connection has taken so many bytes of the body. */
  onTaken: (bytes: number) => void;
}

/**
 * Hands an answer to a connection. Resolves when the system has taken all of it.
 * @throws what the connection ended with, or the storage that the body still comes from
 */
export function sendAnswer(
  socket: Socket,
  answer: StreamAnswer,
  { isHead, connection, onTaken }: Sending,
): Promise<void> {
  const { body } = answer;
  const head = headOf(answer, connection);
  if (body === undefined || isHead) return write(socket, head);
  if (Buffer.isBuffer(body)) return writeTogether(socket, head, body);
  const memory = body.file.body.inPlace;
  return memory
    ? sendInPlace(socket, { head, part: body, memory, onTaken })
    : sendCopies(socket, { head, part: body, onTaken });
}

/** Status line and fields (RFC 9112 section 4). */
function headOf({ status, headers }: StreamAnswer, connection: string): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name] ?? ''}\r\n`;
  return `${text}date: ${httpDate()}\r\n${connection}\r\n`;
}
