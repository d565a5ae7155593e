import type { FastifyInstance } from 'fastify';
import { AppError } from '../schema/errors.js';

/** Players on any page may read what a token or a public id opens; cookies play no part in it. */
export const openHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Accept-Ranges, Cache-Control, Content-Length, Content-Range, ETag, Retry-After, Server-Timing',
  'cross-origin-resource-policy': 'cross-origin',
  'timing-allow-origin': '*',
  'x-content-type-options': 'nosniff',
} as const;

const preflightHeaders = {
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Authorization, If-None-Match, If-Range, Range, X-API-Key',
  'access-control-max-age': '86400',
} as const;

const RETRY_AFTER_SECONDS = 2;

/** Gives every answer of these routes its CORS headers, answers preflights, and keeps errors out of caches. */
export function addOpenHeaders(app: FastifyInstance, routes: readonly string[]): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(openHeaders);
    done();
  });

  app.addHook('onError', (_request, reply, error, done) => {
    reply.header('cache-control', 'no-store');
    if (error instanceof AppError && error.code === 'UNAVAILABLE')
      reply.header('retry-after', RETRY_AFTER_SECONDS);
    done();
  });

  for (const route of routes) {
    app.options(route, (_request, reply) => reply.code(204).headers(preflightHeaders).send());
  }
}
