import type { FastifyInstance, FastifyRequest } from 'fastify';
import { processRequest } from 'graphql-upload-minimal';
import { AppError } from '../../schema/errors.js';
import { discardRestOfForms, isMultipart } from './answered-early.js';

/** The operation beside the file: as much as a JSON request may hold. */
const MAX_FIELD_BYTES = 256 * 1024;
/** Boundaries and the operation come on top of the file. */
const MAX_OVERHEAD_BYTES = 1024 * 1024;
/** What a file in a request of this size has at least. */
export const leastFileBytes = (bodyBytes: number): number => Math.max(0, bodyBytes - MAX_OVERHEAD_BYTES);

/** @throws AppError UPLOAD_TOO_LARGE where a request says beforehand that its file is larger than that. */
export function refuseTooLarge({ headers }: FastifyRequest, maxUploadBytes: number): void {
  if (leastFileBytes(Number(headers['content-length'] ?? 0)) > maxUploadBytes)
    throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: maxUploadBytes });
}

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
    refuseTooLarge(request, deps.maxUploadBytes);
    try {
      request.body = await processRequest(request.raw, reply.raw, {
        maxFieldSize: MAX_FIELD_BYTES,
        maxFiles: 1,
      });
    } catch (error) {
      throw malformed(error);
    }
  });

  discardRestOfForms(scope);
}

/** The parser's complaints are about the request, and say nothing of us. */
const malformed = (cause: unknown): AppError =>
  new AppError(
    'BAD_USER_INPUT',
    { field: 'file', message: cause instanceof Error ? cause.message : 'Not a GraphQL multipart request.' },
    { cause },
  );
