import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, toAppError } from '../schema/errors.js';
import { allowedMethods, type KnownRoute } from './rest/allowed-methods.js';

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

/** Media type of a problem. */
export const problemType = 'application/problem+json; charset=utf-8';

/** Answers with an error as `application/problem+json`. */
export const sendProblem = (request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply =>
  reply.code(error.status).headers(retryAfter(error)).type(problemType).send(toProblem(error, request.id));

/**
 * Answers every error of an application as a problem, and logs those that are ours. To be added before any route:
 * a path that is known for other methods answers 405.
 */
export function addProblemHandler(app: FastifyInstance): void {
  const known: KnownRoute[] = [];
  app.addHook('onRoute', ({ method, url: pattern }) => {
    // That every path answers OPTIONS does not make it one that is there.
    if (pattern !== '*') known.push(...[method].flat().map((one) => ({ method: one, pattern })));
  });
  function answerUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const [path = ''] = request.url.split('?');
    const allowed = allowedMethods(known, path);
    if (allowed.length === 0 || allowed.includes(request.method))
      return sendProblem(request, reply, new AppError('NOT_FOUND'));
    // RFC 9110 section 15.5.6.
    return sendProblem(
      request,
      reply.header('allow', allowed.join(', ')),
      new AppError('METHOD_NOT_ALLOWED'),
    );
  }

  app.setNotFoundHandler(answerUnknown);
  app.setErrorHandler((error: FastifyError | AppError, request, reply) => {
    const ours = fromFastify(error);
    // What is wrong with a request for nothing is that.
    if (request.is404 && ours.code !== 'RATE_LIMITED' && ours.status < 500)
      return answerUnknown(request, reply);
    logFailure(request.log, ours, error);
    return sendProblem(request, reply, ours);
  });
}

/** An error that Fastify or a handler threw, as one of ours. */
export function fromFastify(error: FastifyError | AppError): AppError {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413) return new AppError('UPLOAD_TOO_LARGE', {}, { cause: error });
  if (status === 415) return new AppError('UNSUPPORTED_CONTENT_TYPE', {}, { cause: error });
  if (status >= 400 && status < 500)
    return new AppError('BAD_USER_INPUT', { message: error.message }, { cause: error });
  return toAppError(error);
}
