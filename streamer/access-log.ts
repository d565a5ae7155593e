import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../platform/logger.js';
import type { SessionLog } from './stream-log/session-log.js';
import { readCmcd } from './stream-log/cmcd.js';
import type { Viewing } from './stream-log/viewing.js';
import type { StreamMetrics } from './stream-metrics.js';
import type { Streaming, StreamRequest } from './stream-request.js';
import { STREAM_PATH } from './stream-target.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once a playback token was opened. */
    streaming: Streaming | null;
  }
}

/** What a request was answered. */
export interface Answered {
  status: number;
  /** The header, whatever it is; HEAD has the same one, and no body. */
  contentLength: unknown;
  durationMs: number;
}

/** A request, as far as it is counted. */
export type CountedRequest = Pick<StreamRequest, 'id' | 'method' | 'url' | 'headers' | 'streaming'>;

/**
 * Counts and logs each answer by what it was, never by its URL: that would be the playback token. One
 * line at info level for each playback that starts (its master playlist), the rest at debug level. What was served
 * goes into the stream log.
 */
export interface AccessLog {
  answered(request: CountedRequest, answer: Answered): void;
  /** The client left before the end of the answer. */
  left(request: CountedRequest): void;
}

/** Not sent to anybody: how a request is counted whose client left before the end of the answer. */
const CLIENT_LEFT = 499;

export function createAccessLog(deps: {
  log: Logger;
  metrics: StreamMetrics;
  sessions: Pick<SessionLog, 'answered'>;
}): AccessLog {
  function record(
    request: CountedRequest,
    outcome: { status: number; bytes: number; durationMs?: number },
  ): void {
    const { method, url, streaming } = request;
    const { status, bytes } = outcome;
    const kind = streaming?.kind ?? (url.startsWith(STREAM_PATH) ? 'refused' : 'other');
    deps.metrics.answered(kind, status, bytes);
    const level = status >= 500 ? 'warn' : kind === 'master' ? 'info' : 'debug';
    if (!deps.log.isLevelEnabled(level)) return;
    const videoId = streaming?.playback.videoId;
    deps.log[level]({ requestId: request.id, videoId, kind, method, ...outcome }, 'answered');
  }

  function served(request: CountedRequest, { bytes, hasEnd }: { bytes: number; hasEnd: boolean }): void {
    const { streaming } = request;
    if (!streaming || request.method !== 'GET') return;
    const { kind, file } = streaming;
    deps.sessions.answered(viewingOf(request, streaming), { kind, file, bytes, hasEnd });
  }

  return {
    answered(request, { status, contentLength, durationMs }) {
      const bytes = request.method === 'HEAD' ? 0 : Number(contentLength ?? 0);
      record(request, { status, bytes, durationMs });
      if (status < 400) served(request, { bytes, hasEnd: request.streaming?.hasEnd === true });
    },

    left(request) {
      const bytes = request.streaming?.taken ?? 0;
      record(request, { status: CLIENT_LEFT, bytes });
      if (bytes > 0) served(request, { bytes, hasEnd: false });
    },
  };
}

/** Counts what Fastify answers. */
export function addAccessLog(app: FastifyInstance, accessLog: AccessLog): void {
  app.decorateRequest('streaming', null);

  app.addHook('onResponse', (request, reply, done) => {
    accessLog.answered(counted(request), {
      status: reply.statusCode,
      contentLength: reply.getHeader('content-length'),
      durationMs: Math.round(reply.elapsedTime),
    });
    done();
  });

  app.addHook('onRequestAbort', (request, done) => {
    accessLog.left(counted(request));
    done();
  });
}

const counted = ({ id, method, raw, headers, streaming }: FastifyRequest): CountedRequest => ({
  ...{ id, method, headers, streaming, url: raw.url ?? '' },
});

/** Who asks for what, for the stream log. */
export function viewingOf(
  { headers, url }: Pick<StreamRequest, 'headers' | 'url'>,
  { playback, address }: Streaming,
): Viewing {
  const { referer, 'user-agent': userAgent } = headers as Record<string, string | undefined>;
  return { playback, address, userAgent, referrer: referer, cmcd: readCmcd(url, headers) };
}
