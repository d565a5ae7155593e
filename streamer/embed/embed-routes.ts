import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { AppError, toAppError } from '../../schema/errors.js';
import { embedRoute, oembedRoute, playerFileRoute } from '../../schema/rest/embed-routes.js';
import { viewerOf } from '../admission.js';
import { noneMatchNames } from '../byte-range.js';
import { embedPage, noticePage } from './embed-page.js';
import { type EmbedDeps, type EmbeddedVideo, findEmbedded } from './find-embedded.js';
import { oembedOf, parseEmbedUrl } from './oembed.js';
import { createPlayerFiles } from './player-files.js';

const SHORT_CACHE = 'public, max-age=60';
const FILE_CACHE = 'public, max-age=3600';
const NO_CACHE = 'private, no-store';

/** The page that is embedded, what it is made of, and how others find out how to embed it. */
export function addEmbedRoutes(app: FastifyInstance, deps: EmbedDeps): void {
  addPageRoute(app, deps);
  addOembedRoute(app, deps);
  addPlayerFileRoute(app);
}

function addPageRoute(app: FastifyInstance, deps: EmbedDeps): void {
  const { publicStreamUrl: base } = deps;

  bindRoute(app, embedRoute, async ({ params, query, request, reply }) => {
    const asked = { videoId: params.videoID, token: query.token, viewer: viewerOf(request) };
    const found = await findEmbedded(deps, asked).catch((error: unknown) => {
      const known = toAppError(error);
      if (known.code !== 'UNAVAILABLE') throw known;
      request.log.warn({ err: error }, 'embed page: not available');
      return 'unavailable' as const;
    });
    sendsHtml(reply, base, typeof found === 'object' ? found.referrers : undefined);
    if (found === 'unavailable')
      return reply
        .code(503)
        .header('retry-after', 2)
        .send(noticePage('This video cannot be played right now.'));
    if (!found) return reply.code(404).send(noticePage('This video is not available.'));
    if (!found.token) reply.header('cache-control', SHORT_CACHE);
    return reply.send(embedPage(base, found, query));
  });
}

/** `referrers`: hosts of the only pages that may frame it. The player's own requests need to say where they come from. */
function sendsHtml(reply: FastifyReply, base: string, referrers?: readonly string[]): void {
  reply.type('text/html; charset=utf-8').headers({
    'cache-control': NO_CACHE,
    'content-security-policy': contentPolicy(new URL(base).origin, referrers),
    'referrer-policy': 'same-origin',
  });
}

/** Nothing but our own files, and what is played. Anybody may frame a page that is there to be embedded. */
const contentPolicy = (origin: string, referrers: EmbeddedVideo['referrers']): string =>
  [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", `img-src 'self' data: ${origin}`],
    ...[`media-src 'self' blob: ${origin}`, `connect-src 'self' ${origin}`],
    ...["base-uri 'none'", "form-action 'none'"],
    // Of any port, as the Referer is looked at.
    ...(referrers ? [`frame-ancestors ${referrers.map((host) => `${host}:*`).join(' ')}`] : []),
  ].join('; ');

function addOembedRoute(app: FastifyInstance, deps: EmbedDeps): void {
  const { publicStreamUrl: base } = deps;

  bindRoute(app, oembedRoute, async ({ query: { url, format = 'json', ...limits }, request, reply }) => {
    if (format !== 'json') throw new AppError('NOT_IMPLEMENTED');
    const asked = parseEmbedUrl(base, url);
    const { videoId = '', query = {} } = asked ?? {};
    const found = await findEmbedded(deps, { videoId, token: query.token, viewer: viewerOf(request) });
    if (!found) throw new AppError('NOT_FOUND');
    reply.header('cache-control', found.token ? NO_CACHE : SHORT_CACHE);
    return oembedOf(base, found, { ...limits, query });
  });
}

function addPlayerFileRoute(app: FastifyInstance): void {
  const playerFiles = createPlayerFiles();

  bindRoute(app, playerFileRoute, async ({ params, request, reply }) => {
    const file = await playerFiles.read(params.file);
    if (!file) throw new AppError('NOT_FOUND');
    const packed = takesGzip(request);
    const etag = packed ? file.gzippedEtag : file.etag;
    reply.headers({ 'cache-control': FILE_CACHE, vary: 'Accept-Encoding', etag });
    if (noneMatchNames(request.headers['if-none-match'], etag)) return reply.code(304).send();
    if (packed) reply.header('content-encoding', 'gzip');
    return reply.type(file.type).send(packed ? file.gzipped : file.body);
  });
}

const takesGzip = (request: FastifyRequest): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(request.headers['accept-encoding'] ?? ''));
