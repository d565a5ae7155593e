import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../platform/logger.js';
import type { HlsFileKind } from '../schema/blob-paths.js';
import type { PlaybackIdentity, Viewing } from './stream-log/viewing.js';
import type { SessionLog } from './stream-log/session-log.js';
import { readCmcd } from './stream-log/cmcd.js';
import type { StreamMetrics } from './stream-metrics.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once a playback token was opened. */
    streaming: Streaming | null;
  }
}

/** What is asked for under a playback token, and by whom. */
export interface Streaming {
  kind: HlsFileKind;
  /** Below the generation's prefix. */
  file: string;
  playback: PlaybackIdentity;
  address: string;
  /** Bytes of its body that the connection has taken, of a long answer that is under way. */
  taken?: number;
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
 * line at info level for each playback that starts (its master playlist), the rest at debug level. What was served
 * goes into the stream log.
 */
export function addAccessLog(
  app: FastifyInstance,
  deps: { log: Logger; metrics: StreamMetrics; sessions: Pick<SessionLog, 'answered'> },
): void {
  function record(request: FastifyRequest, outcome: Outcome): void {
    const { streaming, method } = request;
    const { status, bytes } = outcome;
    const kind = streaming?.kind ?? (request.routeOptions.url === '/stream/*' ? 'refused' : 'other');
    deps.metrics.answered(kind, status, bytes);
    const level = status >= 500 ? 'warn' : kind === 'master' ? 'info' : 'debug';
    if (!deps.log.isLevelEnabled(level)) return;
    request.log[level]({ videoId: streaming?.playback.videoId, kind, method, ...outcome }, 'answered');
  }

  app.decorateRequest('streaming', null);

  function served(request: FastifyRequest, { bytes, hasEnd }: { bytes: number; hasEnd: boolean }): void {
    const { streaming } = request;
    if (!streaming || request.method !== 'GET') return;
    const { kind, file } = streaming;
    deps.sessions.answered(viewingOf(request, streaming), { kind, file, bytes, hasEnd });
  }

  app.addHook('onResponse', (request, reply, done) => {
    const bytes = request.method === 'HEAD' ? 0 : Number(reply.getHeader('content-length') ?? 0);
    record(request, { status: reply.statusCode, bytes, durationMs: Math.round(reply.elapsedTime) });
    if (reply.statusCode < 400)
      served(request, { bytes, hasEnd: reply.statusCode === 200 || endsWithFile(reply) });
    done();
  });

  app.addHook('onRequestAbort', (request, done) => {
    const bytes = request.streaming?.taken ?? 0;
    record(request, { status: CLIENT_LEFT, bytes });
    if (bytes > 0) served(request, { bytes, hasEnd: false });
    done();
  });
}

/** Who asks for what, for the stream log. */
export function viewingOf({ headers, raw }: FastifyRequest, { playback, address }: Streaming): Viewing {
  const { referer: referrer, 'user-agent': userAgent } = headers;
  return { playback, address, userAgent, referrer, cmcd: readCmcd(raw.url ?? '', headers) };
}

/** Whether a part of a file is its last one (RFC 9110 section 14.4). */
function endsWithFile(reply: FastifyReply): boolean {
  const [, last, size] = /-(\d+)\/(\d+)$/.exec(String(reply.getHeader('content-range'))) ?? [];
  return last !== undefined && Number(last) + 1 === Number(size);
}
