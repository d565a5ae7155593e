import type { FastifyInstance, FastifyRequest } from 'fastify';
import { processRequest } from 'graphql-upload-minimal';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../schema/errors.js';

/** The operation beside the file: as much as a JSON request may hold. */
const MAX_FIELD_BYTES = 256 * 1024;
/** Boundaries and the operation come on top of the file. */
const MAX_OVERHEAD_BYTES = 1024 * 1024;
/** What a file in a request of this size has at least. */
export const leastFileBytes = (bodyBytes: number): number => Math.max(0, bodyBytes - MAX_OVERHEAD_BYTES);

/** A sender whose request was answered early may go on sending for this long, so that it reads the answer. */
const LINGER_MS = 5_000;

/**
 * Lets the routes of `scope` take GraphQL multipart requests with one file. The file is not read here:
 * the resolver streams it, and what no resolver reads is discarded after the answer.
 */
export function acceptMultipart(scope: FastifyInstance, deps: { maxUploadBytes: number }): void {
  scope.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));

  scope.addHook('onRequest', (request, _reply, done) => {
    // No operation that takes a file is open to everybody: not even a part of it is read.
    done(
      isMultipart(request) && request.caller.kind === 'ANONYMOUS'
        ? new AppError('UNAUTHENTICATED')
        : undefined,
    );
  });

  scope.addHook('preValidation', async (request, reply) => {
    if (!isMultipart(request)) return;
    const declaredBytes = Number(request.headers['content-length'] ?? 0);
    if (leastFileBytes(declaredBytes) > deps.maxUploadBytes) {
      throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: deps.maxUploadBytes });
    }
    try {
      request.body = await processRequest(request.raw, reply.raw, {
        maxFieldSize: MAX_FIELD_BYTES,
        maxFiles: 1,
      });
    } catch (error) {
      throw malformed(error);
    }
  });

  scope.addHook('onResponse', (request, _reply, done) => {
    if (isMultipart(request)) discardRest(request.raw);
    done();
  });
}

const isMultipart = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.toLowerCase().startsWith('multipart/form-data') ?? false;

/** The parser's complaints are about the request, and say nothing of us. */
const malformed = (cause: unknown): AppError =>
  new AppError(
    'BAD_USER_INPUT',
    { field: 'file', message: cause instanceof Error ? cause.message : 'Not a GraphQL multipart request.' },
    { cause },
  );

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
