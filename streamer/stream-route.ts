import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPlaceBound, type Viewer } from '../platform/audience.js';
import type { PlaybackClaims } from '../platform/playback-claims.js';
import { bindRoute } from '../platform/rest/bind-route.js';
import type { Tokens } from '../platform/tokens.js';
import { generationPrefix } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import { streamRoute, type StreamQuery } from '../schema/rest/playback-routes.js';
import type { GenerationWatch } from './generation-watch.js';
import type { Admission } from './admission.js';
import type { BlockingReload } from './blocking-reload.js';
import { rewriteMaster, upTo } from './master-playlist.js';
import type { Prefetch } from './prefetch.js';
import { cacheControl, contentTypes } from './published-file.js';
import type { Found, SegmentCache } from './segment-cache.js';
import { sendFile } from './send-file.js';
import { parseStreamTarget, type StreamTarget } from './stream-target.js';
import type { Transfers } from './transfers.js';

interface StreamDeps {
  tokens: Tokens;
  files: SegmentCache;
  blocking: BlockingReload;
  prefetch: Prefetch;
  transfers: Transfers;
  generations: GenerationWatch;
  admission: Admission;
  now: () => number;
}

/**
 * `GET|HEAD /stream/:encryptedPath`: the published files of one generation, under a token. Whatever is
 * wrong with a token, a name or a viewer, the answer is the same 403.
 */
export function addStreamRoute(app: FastifyInstance, deps: StreamDeps): void {
  bindRoute(app, streamRoute, ({ request, reply, query }) => {
    const target = parseStreamTarget(request.raw.url ?? '');
    const claims = target && deps.tokens.open(target.token, target.purpose);
    if (!target || !claims || !deps.admission.admits(claims, target.file, viewerOf(request)))
      throw new AppError('FORBIDDEN');
    request.streaming = { kind: target.kind, videoId: claims.videoId };
    const msn = target.kind === 'media' ? awaitedSegment(query) : undefined;
    return serve(deps, { target, claims, request, reply, msn });
  });
}

const viewerOf = (request: FastifyRequest): Viewer => ({
  address: request.ip,
  referrer: request.headers.referer,
});

/** @throws AppError BAD_USER_INPUT for a part of no segment. */
function awaitedSegment({ _HLS_msn: msn, _HLS_part: part }: StreamQuery): number | undefined {
  if (msn !== undefined) return Number(msn);
  if (part === undefined) return undefined;
  throw new AppError('BAD_USER_INPUT', { field: '_HLS_part', message: 'A part needs its segment.' });
}

interface Exchange {
  target: StreamTarget;
  claims: PlaybackClaims;
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
  const found = known ?? (await waitFor(deps, key, exchange));
  if (reply.raw.destroyed) return reply.hijack();
  // Whoever waited may have outlived the film.
  if (!found || (!known && deps.generations.isGone(prefix))) throw new AppError('NOT_FOUND');
  deps.transfers.begin(reply.raw, found.file.body, deps.files.copyOf(key) === found.file);
  if (target.kind === 'segment' && request.method === 'GET')
    deps.prefetch.follow(prefix, target.file, found.file);
  return answer(deps, exchange, found);
}

/** Waits for storage, or for a segment, no longer than the client waits for us; says how long that took. */
async function waitFor(deps: StreamDeps, key: string, exchange: Exchange): Promise<Found | undefined> {
  const { reply, msn, target } = exchange;
  const client = new AbortController();
  const onClose = () => client.abort();
  reply.raw.once('close', onClose);
  const startedAt = performance.now();
  try {
    if (msn !== undefined) return await deps.blocking.wait(key, msn, client.signal);
    return await deps.files.load(key, target.kind, client.signal);
  } catch (error) {
    if (client.signal.aborted) return undefined;
    throw error;
  } finally {
    reply.raw.removeListener('close', onClose);
    const waitedFor = msn === undefined ? 'storage' : 'playlist';
    reply.header('server-timing', `${waitedFor};dur=${Math.round(performance.now() - startedAt)}`);
  }
}

function answer(deps: StreamDeps, exchange: Exchange, { file, outcome }: Found): FastifyReply {
  const { target, claims, request, reply } = exchange;
  const timing = `cache;desc=${outcome}`;
  const waited = reply.getHeader('server-timing');
  const secondsLeft = (claims.expiresAt.getTime() - deps.now()) / 1000;
  reply.headers({
    'server-timing': waited === undefined ? timing : `${timing}, ${String(waited)}`,
    'content-type': contentTypes[target.kind],
    'cache-control': cacheControl(target.kind, file.final, {
      secondsLeft,
      isShared: !claims.audience || !isPlaceBound(claims.audience),
    }),
  });
  if (target.kind !== 'master') return sendFile(request, reply, file);
  const master = file.body.toString('utf8');
  return reply.send(rewriteMaster(upTo(master, claims.audience?.maxHeight), deps.tokens.sealMedia(claims)));
}
