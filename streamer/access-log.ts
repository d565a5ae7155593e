import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../platform/logger.js';
import type { HlsFileKind } from '../schema/blob-paths.js';
import type { StreamMetrics } from './stream-metrics.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once a playback token was opened. */
    streaming: { kind: HlsFileKind; videoId: string } | null;
  }
}

/** Not sent to anybody: how a request is counted whose client left before the end of the answer. */
const CLIENT_LEFT = 499;

interface Outcome {
  status: number;
  bytes: number;
  durationMs?: number;
}

/**
 * Counts and logs each answer by what it was, never by its URL: that would be the playback token. One
 * line at info level for each playback that starts (its master playlist), the rest at debug level.
 */
export function addAccessLog(app: FastifyInstance, deps: { log: Logger; metrics: StreamMetrics }): void {
  function record(request: FastifyRequest, outcome: Outcome): void {
    const { streaming, method } = request;
    const { status, bytes } = outcome;
    const kind = streaming?.kind ?? (request.routeOptions.url === '/stream/*' ? 'refused' : 'other');
    deps.metrics.answered(kind, status, bytes);
    const level = status >= 500 ? 'warn' : kind === 'master' ? 'info' : 'debug';
    if (!deps.log.isLevelEnabled(level)) return;
    request.log[level]({ videoId: streaming?.videoId, kind, method, ...outcome }, 'answered');
  }

  app.decorateRequest('streaming', null);

  app.addHook('onResponse', (request, reply, done) => {
    const bytes = request.method === 'HEAD' ? 0 : Number(reply.getHeader('content-length') ?? 0);
    record(request, { status: reply.statusCode, bytes, durationMs: Math.round(reply.elapsedTime) });
    done();
  });

  app.addHook('onRequestAbort', (request, done) => {
    record(request, { status: CLIENT_LEFT, bytes: 0 });
    done();
  });
}
