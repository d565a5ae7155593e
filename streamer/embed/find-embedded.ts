import type { Viewer } from '../../platform/audience.js';
import type { PlaybackClaims } from '../../platform/playback-claims.js';
import { fileUrl, masterUrl, playedGeneration } from '../../platform/playback-urls.js';
import type { Tokens } from '../../platform/tokens.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import { isId } from '../../schema/ids.js';
import type { Admission } from '../admission.js';
import type { PlayableVideo, VideoStore } from '../video-store.js';
import type { PublicVideos } from '../public-videos.js';

export interface EmbedDeps {
  videos: VideoStore;
  publicVideos: Pick<PublicVideos, 'find'>;
  tokens: Tokens;
  admission: Admission;
  publicStreamUrl: string;
}

/** A video, and how a viewer may play it. */
export interface EmbeddedVideo {
  video: PlayableVideo;
  /** Of the master playlist. */
  url: string;
  posterUrl?: string;
  /** Absent: it is public. */
  token?: string;
  /** Hosts of the pages that may show it; absent: all. */
  referrers?: readonly string[];
}

export interface EmbedRequest {
  videoId: string;
  token?: string;
  viewer: Viewer;
}

/**
 * What an embed page may show: by a token that is valid for this video and viewer, or of a public video. undefined
 * for everything else, whatever is wrong.
 * @throws AppError UNAVAILABLE
 */
export async function findEmbedded(
  deps: EmbedDeps,
  { videoId, token, viewer }: EmbedRequest,
): Promise<EmbeddedVideo | undefined> {
  if (!isId('video', videoId)) return undefined;
  if (token === undefined) return findPublic(deps, videoId);
  const claims = deps.tokens.open(token, 'entry');
  if (claims?.videoId !== videoId || !deps.admission.admits(claims, hlsFiles.master, viewer))
    return undefined;
  const video = await deps.videos.findPlayable(videoId);
  return video && { ...granted(deps, { video, token, claims }), video, token };
}

async function findPublic(deps: EmbedDeps, videoId: string): Promise<EmbeddedVideo | undefined> {
  const video = await deps.publicVideos.find(videoId);
  if (!video) return undefined;
  const { publicStreamUrl: base } = deps;
  const posterUrl = playedGeneration(video).hasPoster ? fileUrl(base, videoId, hlsFiles.poster) : undefined;
  return { video, url: masterUrl(base, videoId), posterUrl };
}

function granted(
  { tokens, publicStreamUrl: base }: EmbedDeps,
  { video, token, claims }: { video: PlayableVideo; token: string; claims: PlaybackClaims },
) {
  const played = playedGeneration(video);
  // The poster of a generation that was replaced may have gone with it.
  const hasPoster = played.hasPoster && played.generation === claims.generation;
  return {
    url: masterUrl(base, token),
    posterUrl: hasPoster ? fileUrl(base, tokens.sealMedia(claims), hlsFiles.poster) : undefined,
    referrers: claims.audience?.referrers,
  };
}
