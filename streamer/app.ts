import { randomUUID } from 'node:crypto';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
} from 'fastify';
import type { Registry } from 'prom-client';
import type { ApiKeyVerifier } from '../platform/api-keys.js';
import { addHealthRoutes, type ReadinessCheck } from '../platform/health.js';
import type { Logger } from '../platform/logger.js';
import { addProblemHandler, sendProblem } from '../platform/problem.js';
import type { Tokens } from '../platform/tokens.js';
import { createTrust, type TrustedProxies, type TrustProxy } from '../platform/trusted-proxies.js';
import { hlsFiles, withdrawnKey } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import { streamRoute, videoRoute } from '../schema/rest/playback-routes.js';
import { streamEventsRoute } from '../schema/rest/stream-event-routes.js';
import { addAccessLog, createAccessLog } from './access-log.js';
import { createAdmission } from './admission.js';
import { createBlockingReload } from './blocking-reload.js';
import { addEmbedRoutes } from './embed/embed-routes.js';
import { createGenerationWatch } from './generation-watch.js';
import { addOpenHeaders, openHeaders } from './open-headers.js';
import { createPublicVideos } from './public-videos.js';
import type { OpenBlob } from '../platform/blob-reader.js';
import { createPrefetch } from './prefetch.js';
import { RequestLog } from './request-log.js';
import type { Revocations } from './admission.js';
import { createSegmentCache, type Patience, type SegmentCache } from './segment-cache.js';
import { createStreamMetrics } from './stream-metrics.js';
import { createEventRates } from './stream-log/event-rates.js';
import type { Devices } from './stream-log/devices.js';
import type { SessionLog } from './stream-log/session-log.js';
import { addStreamEventsRoute } from './stream-log/stream-events-route.js';
import { createStreamAnswers } from './stream-answers.js';
import { addStreamRoute } from './stream-route.js';
import { STREAM_PATH } from './stream-target.js';
import { createTransfers } from './transfers.js';
import type { VideoStore } from './video-store.js';
import { addVideosRoute } from './videos-route.js';
import { serveDirectly } from './wire/direct-connections.js';

export interface StreamerDeps {
  log: Logger;
  tokens: Tokens;
  openBlob: OpenBlob;
  /** Memory for files: those in the cache, and those that are still being sent though it has given them up. */
  cacheBytes: number;
  videos: VideoStore;
  revocations: Revocations;
  apiKeys: Pick<ApiKeyVerifier, 'verify'>;
  publicStreamUrl: string;
  metrics: Registry;
  /** What was served to whom is counted here. */
  sessions: SessionLog;
  devices: Devices;
  checks: Record<string, ReadinessCheck>;
  /** Proxies whose word on where a request comes from is believed. */
  trustedProxies?: TrustedProxies;
  stopping: AbortSignal;
  now?: () => number;
  /** Other limits than the product's, for tests that reach them. */
  patience?: Patience;
  maxBytesBeyondCache?: number;
  idleTimeoutMs?: number;
}

/** A client that neither reads nor writes for this long is disconnected. */
const IDLE_TIMEOUT_MS = 60_000;

/** What files may take that are only being sent, since the cache has given them up: more than the largest there are. */
const MAX_BYTES_BEYOND_CACHE = 48 * 1024 * 1024;

/** Of the memory for files, what is left to the cache at least. */
const MIN_CACHE_SHARE = 3 / 4;

/** The streamer's HTTP application, not listening yet. */
export function createStreamer(deps: StreamerDeps): FastifyInstance {
  const { now = Date.now } = deps;
  const metrics = createStreamMetrics(deps.metrics);
  const transfers = createTransfers({
    ...deps,
    maxBytesBeyondCache: deps.maxBytesBeyondCache ?? MAX_BYTES_BEYOND_CACHE,
    onCut: (reason) => metrics.cut(reason),
  });
  const files = createSegmentCache({
    ...deps,
    maxBytes: Math.ceil(
      Math.max(deps.cacheBytes - MAX_BYTES_BEYOND_CACHE, deps.cacheBytes * MIN_CACHE_SHARE),
    ),
    onRead: (outcome) => metrics.cacheRead(outcome),
    onDrop: (file) => transfers.dropped(file),
  });
  metrics.watchMemory({ files, transfers });
  const generations = createGenerationWatch({
    isPlayable: playbackLookup({ ...deps, files }),
    log: deps.log,
    now,
  });

  const publicVideos = createPublicVideos({ ...deps, now });
  const admission = createAdmission({ ...deps, publicVideos });

  const answers = createStreamAnswers({
    ...{ ...deps, files, transfers, generations, publicVideos, admission, now },
    blocking: createBlockingReload({ ...deps, files }),
    prefetch: createPrefetch({ ...deps, files }),
  });
  const accessLog = createAccessLog({ ...deps, metrics });
  const trust = createTrust(deps.trustedProxies ?? false);
  const idleTimeoutMs = deps.idleTimeoutMs ?? IDLE_TIMEOUT_MS;

  const app = createServer({ log: deps.log, trust, idleTimeoutMs });
  const direct = serveDirectly(app.server, { answers, accessLog, trust, idleTimeoutMs });
  app.addHook('preClose', (done) => {
    direct.end();
    done();
  });
  addProblemHandler(app);
  addAccessLog(app, accessLog);
  addStreamRoute(app, answers);
  addHealthRoutes(app, deps);
  app.addHook('onClose', (_app, done) => {
    transfers.close();
    done();
  });
  // What is closed waits for every connection; who keeps one for a next request would keep the process, too.
  app.addHook('onResponse', (request, _reply, done) => {
    if (deps.stopping.aborted) request.raw.socket.end();
    done();
  });
  app.register((open, _options, done) => {
    addOpenHeaders(open, [streamRoute, videoRoute, streamEventsRoute]);
    addStreamEventsRoute(open, { ...deps, admission, publicVideos, rates: createEventRates({ now }) });
    addVideosRoute(open, { ...deps, now });
    addEmbedRoutes(open, { ...deps, admission, publicVideos });
    done();
  });
  return app;
}

function noSchemas(): never {
  throw new Error('Routes of the streamer have no schemas of Fastify.');
}

function createServer(deps: {
  log: FastifyBaseLogger;
  trust: TrustProxy;
  idleTimeoutMs: number;
}): FastifyInstance {
  return Fastify({
    loggerInstance: deps.log,
    // Fastify would load its compilers of schemas, which no route here has.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    trustProxy: deps.trust,
    // Fastify would log each URL, and with it the playback token.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: (parent, bindings) => new RequestLog(parent, bindings),
    genReqId: () => randomUUID(),
    connectionTimeout: deps.idleTimeoutMs,
    // Longer names are refused by the routes themselves, like any other bad name.
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors(_error, request, reply: FastifyReply) {
      const code = request.raw.url?.startsWith(STREAM_PATH) ? 'FORBIDDEN' : 'NOT_FOUND';
      const refused = new AppError(code);
      void sendProblem(request, reply.headers({ ...openHeaders, 'cache-control': 'no-store' }), refused);
    },
  });
}

/**
 * Whether a generation's master is in storage, through the cache (mostly it was just read anyway), and its video is not
 * withdrawn.
 */
const playbackLookup =
  ({ files, openBlob, stopping }: Pick<StreamerDeps, 'openBlob' | 'stopping'> & { files: SegmentCache }) =>
  async (prefix: string): Promise<boolean> => {
    const key = prefix + hlsFiles.master;
    const [master, mark] = await Promise.all([
      files.peek(key) ?? files.load(key, 'master', stopping),
      openBlob(withdrawnKey(prefix.split('/')[0] ?? ''), stopping),
    ]);
    return master !== undefined && mark === undefined;
  };
