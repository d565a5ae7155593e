import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';

/** A sender whose request was answered early may go on sending for this long, so that it reads the answer. */
const LINGER_MS = 5_000;

export const isMultipart = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.toLowerCase().startsWith('multipart/form-data') ?? false;

/** What is left of a form when it is answered is read to its end, for a while, and forgotten. */
export function discardRestOfForms(scope: FastifyInstance): void {
  scope.addHook('onResponse', (request, _reply, done) => {
    if (isMultipart(request)) discardRest(request.raw);
    done();
  });
}

/** Closing at once would reset the connection, and the sender would not see why. */
export function discardRest(request: IncomingMessage): void {
  const { socket } = request;
  if (request.readableEnded || socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  const settle = () => {
    clearTimeout(timer);
    socket.off('close', settle);
  };
  request.once('end', settle);
  socket.once('close', settle);
  request.unpipe();
  request.resume();
}
