import type { Socket } from 'node:net';

/** Resolves when the system has taken it. @throws what the connection ended with before that */
export const write = (socket: Socket, data: Buffer | string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(data, 'latin1', (error) => (error ? reject(error) : resolve()));
  });

/** As `write`, both in one go. */
export function writeTogether(socket: Socket, head: string, body: Buffer): Promise<void> {
  socket.cork();
  socket.write(head, 'latin1');
  const written = write(socket, body);
  socket.uncork();
  return written;
}
