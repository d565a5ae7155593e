import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPlaceBound } from '../platform/audience.js';
import { bindRoute } from '../platform/rest/bind-route.js';
import { newSessionId } from '../platform/playback-claims.js';
import type { OpenedClaims, Tokens } from '../platform/tokens.js';
import { generationPrefix } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import { streamRoute, type StreamQuery } from '../schema/rest/playback-routes.js';
import { viewingOf } from './access-log.js';
import { addToHeader } from './add-to-header.js';
import { limitOrigins } from './cross-origin.js';
import { ACTIVE_SECONDS, type Devices } from './stream-log/devices.js';
import type { GenerationWatch } from './generation-watch.js';
import { type Admission, type PublicAccess, type Revocations, viewerOf } from './admission.js';
import type { BlockingReload } from './blocking-reload.js';
import { rewriteMaster, upTo } from './master-playlist.js';
import type { Prefetch } from './prefetch.js';
import { cacheControl, contentTypes } from './published-file.js';
import type { Found, SegmentCache } from './segment-cache.js';
import { sendFile } from './send-file.js';
import { isText, sendStoredText, sendText } from './send-text.js';
import { parseStreamTarget, type StreamTarget } from './stream-target.js';
import type { Transfers } from './transfers.js';

/** It is rewritten with other tokens after each hour. */
const PUBLIC_MASTER = 'public, max-age=5';

interface StreamDeps {
  tokens: Tokens;
  files: SegmentCache;
  blocking: BlockingReload;
  prefetch: Prefetch;
  transfers: Transfers;
  generations: GenerationWatch;
  admission: Admission;
  devices: Devices;
  revocations: Pick<Revocations, 'isComplete'>;
  publicVideos: Pick<PublicAccess, 'open'>;
  now: () => number;
}

/**
 * `GET|HEAD /stream/:encryptedPath`: the published files of one generation, under a token. Whatever is
 * wrong with a token, a name or a viewer, the answer is the same 403.
 */
export function addStreamRoute(app: FastifyInstance, deps: StreamDeps): void {
  bindRoute(app, streamRoute, async ({ request, reply, query }) => {
    // What nobody has told us of yet might be revoked.
    if (!deps.revocations.isComplete()) throw new AppError('UNAVAILABLE');
    const target = parseStreamTarget(request.raw.url ?? '');
    const claims = target?.isPublic
      ? await untilClosed(reply, 'database', (signal) => deps.publicVideos.open(target, signal))
      : target && deps.tokens.open(target.token, target.purpose);
    const viewer = viewerOf(request);
    if (!target || !claims || !deps.admission.admits(claims, target.file, viewer))
      throw new AppError('FORBIDDEN');
    const { kind, file } = target;
    request.streaming = { kind, file, playback: claims, address: viewer.address };
    if (kind === 'master' && request.method === 'GET') await requireDevice(deps, claims, request);
    const msn = kind === 'media' ? awaitedSegment(query) : undefined;
    return serve(deps, { target, claims, request, reply, msn });
  });
}

/** @throws AppError RATE_LIMITED where the viewer watches on as many devices as they may */
async function requireDevice(
  { devices }: StreamDeps,
  { audience }: OpenedClaims,
  request: FastifyRequest,
): Promise<void> {
  const { maxConcurrent } = audience ?? {};
  if (maxConcurrent === undefined || !request.streaming) return;
  if (await devices.admits(viewingOf(request, request.streaming), maxConcurrent)) return;
  throw new AppError('RATE_LIMITED', {
    retryAfterSeconds: ACTIVE_SECONDS,
    message: 'You watch on as many devices as you may: stop one of them.',
  });
}

/** @throws AppError BAD_USER_INPUT for a part of no segment. */
function awaitedSegment({ _HLS_msn: msn, _HLS_part: part }: StreamQuery): number | undefined {
  if (msn !== undefined) return Number(msn);
  if (part === undefined) return undefined;
  throw new AppError('BAD_USER_INPUT', { field: '_HLS_part', message: 'A part needs its segment.' });
}

interface Exchange {
  target: StreamTarget;
  claims: OpenedClaims;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Media Sequence Number of the segment that the playlist is to have. */
  msn: number | undefined;
}

async function serve(deps: StreamDeps, exchange: Exchange): Promise<FastifyReply> {
  const { target, claims, request, reply } = exchange;
  const prefix = generationPrefix(claims.videoId, claims.generation);
  if (deps.generations.isGone(prefix)) throw new AppError('NOT_FOUND');
  const key = prefix + target.file;
  const known = exchange.msn === undefined ? deps.files.recall(key) : undefined;
  const found = known ?? (await find(deps, key, exchange));
  if (reply.raw.destroyed) return reply.hijack();
  // Whoever waited may have outlived the film.
  if (!found || (!known && deps.generations.isGone(prefix))) throw new AppError('NOT_FOUND');
  const isHeld = deps.files.copyOf(key) === found.file;
  if (!deps.transfers.begin(reply.raw, found.file, isHeld)) throw new AppError('UNAVAILABLE');
  if (target.kind === 'segment' && request.method === 'GET')
    deps.prefetch.follow(prefix, target.file, found.file);
  return answer(deps, exchange, found);
}

/** Asks storage, or waits for a segment. */
const find = (deps: StreamDeps, key: string, { reply, msn, target }: Exchange): Promise<Found | undefined> =>
  msn === undefined
    ? untilClosed(reply, 'storage', (signal) => deps.files.load(key, target.kind, signal))
    : untilClosed(reply, 'playlist', (signal) => deps.blocking.wait(key, msn, signal));

/** Waits no longer than the client waits for us; undefined once it has left. Says how long it took. */
async function untilClosed<T>(
  reply: FastifyReply,
  whom: 'database' | 'storage' | 'playlist',
  work: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T | undefined> {
  const client = new AbortController();
  const onClose = () => client.abort();
  reply.raw.once('close', onClose);
  const startedAt = performance.now();
  try {
    return await work(client.signal);
  } catch (error) {
    if (client.signal.aborted) return undefined;
    throw error;
  } finally {
    reply.raw.removeListener('close', onClose);
    tellTiming(reply, `${whom};dur=${Math.round(performance.now() - startedAt)}`);
  }
}

function answer(
  deps: StreamDeps,
  exchange: Exchange,
  { file, outcome }: Found,
): FastifyReply | Promise<FastifyReply> {
  const { target, claims, request, reply } = exchange;
  limitOrigins(request, reply, claims.origins);
  tellTiming(reply, `cache;desc=${outcome}`);
  const secondsLeft = (claims.expiresAt.getTime() - deps.now()) / 1000;
  reply.headers({
    'content-type': contentTypes[target.kind],
    'cache-control': cacheControl(target.kind, file.final, {
      secondsLeft,
      isShared: isShared(claims),
    }),
  });
  if (!isText(target.kind)) return sendFile(request, reply, file);
  if (target.kind !== 'master') return sendStoredText(request, reply, file);
  if (target.isPublic) reply.header('cache-control', PUBLIC_MASTER);
  const master = upTo(file.body.toString('utf8'), claims.audience?.maxHeight);
  const begun = beginSession(claims);
  if (request.streaming) request.streaming.playback = begun;
  return sendText(request, reply, rewriteMaster(master, deps.tokens.sealMedia(begun)));
}

/** In the header `Server-Timing` (https://www.w3.org/TR/server-timing/). */
const tellTiming = (reply: FastifyReply, metric: string): void => addToHeader(reply, 'server-timing', metric);

/** Whether a cache may give it to others: what is bound to a place or can be taken from one viewer alone comes from us. */
const isShared = ({ audience, viewer }: OpenedClaims): boolean =>
  !viewer && (!audience || !isPlaceBound(audience));

/** A named viewer who opens the master begins a session, which all that is asked for then belongs to. */
const beginSession = (claims: OpenedClaims): OpenedClaims =>
  claims.viewer ? { ...claims, viewer: { ...claims.viewer, sessionId: newSessionId() } } : claims;
