import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPlaceBound, type Viewer } from '../platform/audience.js';
import { bindRoute } from '../platform/rest/bind-route.js';
import { newSessionId } from '../platform/playback-claims.js';
import type { OpenedClaims, Tokens } from '../platform/tokens.js';
import { generationPrefix } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import { streamRoute } from '../schema/rest/playback-routes.js';
import { viewingOf } from './access-log.js';
import { limitOrigins } from './cross-origin.js';
import { ACTIVE_SECONDS, type Devices } from './stream-log/devices.js';
import type { GenerationWatch } from './generation-watch.js';
import type { Admission, PublicAccess, Revocations } from './admission.js';
import { rewriteMaster, upTo } from './master-playlist.js';
import { cacheControl, contentTypes } from './published-file.js';
import type { CachedFile, SegmentCache } from './segment-cache.js';
import { sendFile } from './send-file.js';
import { parseStreamTarget, type StreamTarget } from './stream-target.js';

/** It is rewritten with other tokens after each hour. */
const PUBLIC_MASTER = 'public, max-age=5';

interface StreamDeps {
  tokens: Tokens;
  files: SegmentCache;
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
  bindRoute(app, streamRoute, async ({ request, reply }) => {
    // What nobody has told us of yet might be revoked.
    if (!deps.revocations.isComplete()) throw new AppError('UNAVAILABLE');
    const target = parseStreamTarget(request.raw.url ?? '');
    const claims = target?.isPublic
      ? await untilClosed(reply, (signal) => deps.publicVideos.open(target, signal))
      : target && deps.tokens.open(target.token, target.purpose);
    const viewer = viewerOf(request);
    if (!target || !claims || !deps.admission.admits(claims, target.file, viewer))
      throw new AppError('FORBIDDEN');
    const { kind, file } = target;
    request.streaming = { kind, file, playback: claims, address: viewer.address };
    if (kind === 'master' && request.method === 'GET') await requireDevice(deps, claims, request);
    return serve(deps, { target, claims, request, reply });
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

const viewerOf = (request: FastifyRequest): Viewer => ({
  address: request.ip,
  referrer: request.headers.referer,
});

interface Exchange {
  target: StreamTarget;
  claims: OpenedClaims;
  request: FastifyRequest;
  reply: FastifyReply;
}

async function serve(deps: StreamDeps, exchange: Exchange): Promise<FastifyReply> {
  const { target, claims, reply } = exchange;
  const prefix = generationPrefix(claims.videoId, claims.generation);
  if (deps.generations.isGone(prefix)) throw new AppError('NOT_FOUND');
  const key = prefix + target.file;
  const file = deps.files.peek(key) ?? (await load(deps, key, exchange));
  if (reply.raw.destroyed) return reply.hijack();
  if (!file) throw new AppError('NOT_FOUND');
  return answer(deps, exchange, file);
}

const load = (deps: StreamDeps, key: string, { target, reply }: Exchange): Promise<CachedFile | undefined> =>
  untilClosed(reply, (signal) => deps.files.load(key, target.kind, signal));

/** Waits no longer than the client waits for us; undefined once it has left. */
async function untilClosed<T>(
  { raw }: FastifyReply,
  work: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T | undefined> {
  const client = new AbortController();
  const onClose = () => client.abort();
  raw.once('close', onClose);
  try {
    return await work(client.signal);
  } catch (error) {
    if (client.signal.aborted) return undefined;
    throw error;
  } finally {
    raw.removeListener('close', onClose);
  }
}

function answer(deps: StreamDeps, exchange: Exchange, file: CachedFile): FastifyReply {
  const { target, claims, request, reply } = exchange;
  limitOrigins(request, reply, claims.origins);
  const secondsLeft = (claims.expiresAt.getTime() - deps.now()) / 1000;
  reply.headers({
    'content-type': contentTypes[target.kind],
    'cache-control': cacheControl(target.kind, file.final, {
      secondsLeft,
      isShared: !claims.audience || !isPlaceBound(claims.audience),
    }),
  });
  if (target.kind !== 'master') return sendFile(request, reply, file);
  if (target.isPublic) reply.header('cache-control', PUBLIC_MASTER);
  const master = upTo(file.body.toString('utf8'), claims.audience?.maxHeight);
  const begun = beginSession(claims);
  if (request.streaming) request.streaming.playback = begun;
  return reply.send(rewriteMaster(master, deps.tokens.sealMedia(begun)));
}

/** A named viewer who opens the master begins a session, which all that is asked for then belongs to. */
const beginSession = (claims: OpenedClaims): OpenedClaims =>
  claims.viewer ? { ...claims, viewer: { ...claims.viewer, sessionId: newSessionId() } } : claims;
