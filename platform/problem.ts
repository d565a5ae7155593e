import type { FastifyBaseLogger, FastifyError, FastifyInstance } from 'fastify';
import { AppError, toAppError } from '../schema/errors.js';

/** Body of an error answer: RFC 9457, with the platform's stable code. */
export interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  code: string;
  requestId: string;
  [detail: string]: unknown;
}

/**
 * An error as its REST callers see it: internal ones say nothing but the request's id. The status of what
 * the request was about is `currentStatus`, since `status` is HTTP's.
 */
export function toProblem(error: AppError, requestId: string): Problem {
  const { status: currentStatus, ...details } = error.details;
  return {
    ...details,
    ...(currentStatus !== undefined && { currentStatus }),
    type: 'about:blank',
    title: error.message,
    status: error.status,
    code: error.code,
    requestId,
  };
}

/** RFC 9110 section 10.2.3, for errors that say when to try again. */
export function retryAfter({ details: { retryAfterSeconds } }: AppError): Record<string, string> {
  return typeof retryAfterSeconds === 'number' ? { 'retry-after': String(retryAfterSeconds) } : {};
}

/** Logs an error that is ours. When a dependency is down, many requests fail and nobody has to act on each. */
export function logFailure(log: FastifyBaseLogger, known: AppError, error: unknown): void {
  if (known.code === 'UNAVAILABLE') log.warn({ err: error }, 'request failed: not available');
  else if (known.status >= 500) log.error({ err: error }, 'request failed');
}

/** Answers every error of an application as `application/problem+json`, and logs those that are ours. */
export function addProblemHandler(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | AppError, request, reply) => {
    const known = fromFastify(error);
    logFailure(request.log, known, error);
    return reply
      .code(known.status)
      .headers(retryAfter(known))
      .type('application/problem+json')
      .send(toProblem(known, request.id));
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(toProblem(new AppError('NOT_FOUND'), request.id)),
  );
}

/** An error that Fastify or a handler threw, as one of ours. */
export function fromFastify(error: FastifyError | AppError): AppError {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413) return new AppError('UPLOAD_TOO_LARGE', {}, { cause: error });
  if (status >= 400 && status < 500)
    return new AppError('BAD_USER_INPUT', { message: error.message }, { cause: error });
  return toAppError(error);
}
