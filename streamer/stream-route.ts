import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isPlaceBound } from '../platform/audience.js';
import type { PlaybackClaims } from '../platform/playback-claims.js';
import { bindRoute } from '../platform/rest/bind-route.js';
import type { Tokens } from '../platform/tokens.js';
import { generationPrefix } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import { streamRoute } from '../schema/rest/playback-routes.js';
import type { GenerationWatch } from './generation-watch.js';
import { type Admission, viewerOf } from './admission.js';
import { rewriteMaster, upTo } from './master-playlist.js';
import { cacheControl, contentTypes } from './published-file.js';
import type { CachedFile, SegmentCache } from './segment-cache.js';
import { sendFile } from './send-file.js';
import { parseStreamTarget, type StreamTarget } from './stream-target.js';

interface StreamDeps {
  tokens: Tokens;
  files: SegmentCache;
  generations: GenerationWatch;
  admission: Admission;
  now: () => number;
}

/**
 * `GET|HEAD /stream/:encryptedPath`: the published files of one generation, under a token. Whatever is
 * wrong with a token, a name or a viewer, the answer is the same 403.
 */
export function addStreamRoute(app: FastifyInstance, deps: StreamDeps): void {
  bindRoute(app, streamRoute, ({ request, reply }) => {
    const target = parseStreamTarget(request.raw.url ?? '');
    const claims = target && deps.tokens.open(target.token, target.purpose);
    if (!target || !claims || !deps.admission.admits(claims, target.file, viewerOf(request)))
      throw new AppError('FORBIDDEN');
    request.streaming = { kind: target.kind, videoId: claims.videoId };
    return serve(deps, { target, claims, request, reply });
  });
}

interface Exchange {
  target: StreamTarget;
  claims: PlaybackClaims;
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

/** Waits for storage no longer than the client waits for us. */
async function load(deps: StreamDeps, key: string, exchange: Exchange): Promise<CachedFile | undefined> {
  const { raw } = exchange.reply;
  const client = new AbortController();
  const onClose = () => client.abort();
  raw.once('close', onClose);
  try {
    return await deps.files.load(key, exchange.target.kind, client.signal);
  } catch (error) {
    if (client.signal.aborted) return undefined;
    throw error;
  } finally {
    raw.removeListener('close', onClose);
  }
}

function answer(deps: StreamDeps, exchange: Exchange, file: CachedFile): FastifyReply {
  const { target, claims, request, reply } = exchange;
  const secondsLeft = (claims.expiresAt.getTime() - deps.now()) / 1000;
  reply.headers({
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
