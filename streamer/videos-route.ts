import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { credentialOf, type ApiKeyVerifier } from '../platform/api-keys.js';
import {
  DEFAULT_PLAYBACK_SECONDS,
  masterUrl,
  playbackTerms,
  playbackUrls,
  playedGeneration,
} from '../platform/playback-urls.js';
import { bindRoute } from '../platform/rest/bind-route.js';
import type { Tokens } from '../platform/tokens.js';
import { AppError, toAppError } from '../schema/errors.js';
import { isId } from '../schema/ids.js';
import { isPublic } from '../schema/playback-policy.js';
import { videoRoute } from '../schema/rest/playback-routes.js';
import { noneMatchNames } from './byte-range.js';
import type { PlayableVideo, VideoStore } from './video-store.js';

interface VideosDeps {
  videos: VideoStore;
  apiKeys: Pick<ApiKeyVerifier, 'verify'>;
  tokens: Tokens;
  publicStreamUrl: string;
  now: () => number;
}

/**
 * `GET /videos/:videoID`: public facts about a playable video; with a key that may sign playback for
 * its project, also where to play it. Missing, not playable and malformed ids answer alike.
 */
export function addVideosRoute(app: FastifyInstance, deps: VideosDeps): void {
  bindRoute(app, videoRoute, async ({ params: { videoID }, request, reply }) => {
    const video = isId('video', videoID) ? await deps.videos.findPlayable(videoID) : undefined;
    if (!video) throw new AppError('NOT_FOUND');
    reply.header('vary', 'Authorization, X-API-Key, Origin');
    if (!(await maySign(deps.apiKeys, request, video.projectId))) {
      reply.header('cache-control', 'public, max-age=5');
      return sendFacts(request, reply, publicFacts(deps, video));
    }
    // Its URLs are new each time: there is nothing to compare.
    reply.header('cache-control', 'private, no-store');
    return { ...publicFacts(deps, video), playback: playback(deps, video) };
  });
}

/** Equal facts are equal bytes, and have one ETag on all streamers. */
function sendFacts(request: FastifyRequest, reply: FastifyReply, facts: object): FastifyReply {
  const body = JSON.stringify(facts);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  reply.header('etag', etag);
  if (noneMatchNames(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(body);
}

/** A credential that is not an API key (a user's access token, say) sees what everybody sees. */
async function maySign(
  apiKeys: Pick<ApiKeyVerifier, 'verify'>,
  request: FastifyRequest,
  projectId: string,
): Promise<boolean> {
  const credential = credentialOf(request.headers);
  if (!credential) return false;
  const from = { address: request.ip, origin: request.headers.origin };
  const key = await apiKeys.verify(credential, from).catch((error: unknown) => {
    throw toAppError(error, 'UNAVAILABLE');
  });
  if (!key) return false;
  if (key.scopes.includes('admin')) return true;
  return key.projectId === projectId && key.scopes.includes('playback:sign');
}

function publicFacts(deps: VideosDeps, video: PlayableVideo) {
  const { source } = video;
  return {
    id: video._id,
    title: video.title,
    status: video.status,
    durationSeconds: source?.durationSeconds ?? null,
    width: source?.width ?? null,
    height: source?.height ?? null,
    createdAt: video.createdAt,
    readyAt: playedGeneration(video).readyAt ?? null,
    publicUrl: isPublic(video.project) ? masterUrl(deps.publicStreamUrl, video._id) : null,
    renditions: video.renditions.map((rendition) => ({
      name: rendition.name,
      width: rendition.width ?? null,
      height: rendition.height ?? null,
      frameRate: rendition.frameRate ?? null,
      codecs: rendition.codecs,
      bandwidthBps: rendition.bandwidthBps,
      averageBandwidthBps: rendition.averageBandwidthBps,
    })),
  };
}

const playback = (deps: VideosDeps, video: PlayableVideo) =>
  playbackUrls(deps, {
    ...playbackTerms(video, video.project),
    ...playedGeneration(video),
    expiresAt: new Date(deps.now() + DEFAULT_PLAYBACK_SECONDS * 1000),
  });
