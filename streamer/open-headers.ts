import type { FastifyInstance } from 'fastify';
import { AppError } from '../schema/errors.js';
import type { RestMethod, RestRoute } from '../schema/rest/rest-route.js';

/** Players on any page may read what a token or a public id opens; cookies play no part in it. */
export const openHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Accept-Ranges, Cache-Control, Content-Length, Content-Range, ETag, Retry-After, Server-Timing',
  'cross-origin-resource-policy': 'cross-origin',
  'timing-allow-origin': '*',
  'x-content-type-options': 'nosniff',
} as const;

/** What players may send: CMCD (CTA-5004) comes in four headers where it is not in the query. */
const allowedHeaders =
  'Authorization, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status, Content-Type, If-None-Match, If-Range, ' +
  'Range, X-API-Key';

const preflightHeaders = (methods: readonly RestMethod[]) => ({
  'access-control-allow-methods': [...methods, 'OPTIONS'].join(', '),
  'access-control-allow-headers': allowedHeaders,
  'access-control-max-age': '86400',
});

const RETRY_AFTER_SECONDS = 2;

/** RFC 9110 section 10.2.3, for what may be there in a moment. */
export const retryLater = (error: unknown): { 'retry-after'?: number } =>
  error instanceof AppError && error.code === 'UNAVAILABLE' ? { 'retry-after': RETRY_AFTER_SECONDS } : {};

/** Gives every answer of these routes its CORS headers, answers preflights, and keeps errors out of caches. */
export function addOpenHeaders(
  app: FastifyInstance,
  routes: readonly Pick<RestRoute, 'path' | 'methods'>[],
): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(openHeaders);
    done();
  });

  app.addHook('onError', (_request, reply, error, done) => {
    reply.headers({ 'cache-control': 'no-store', ...retryLater(error) });
    done();
  });

  for (const { path, methods } of routes) {
    const headers = preflightHeaders(methods);
    app.options(path, (_request, reply) => reply.code(204).headers(headers).send());
  }
}
