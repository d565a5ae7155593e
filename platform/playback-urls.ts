import type { Project } from '../schema/project.js';
import type { Rendition, Video } from '../schema/video.js';
import { hlsFiles } from '../schema/blob-paths.js';
import type { PlaybackGrant } from './playback-claims.js';
import type { Tokens } from './tokens.js';

/** Where to play a video, until when. */
export interface PlaybackUrls {
  /** Of the master playlist. */
  url: string;
  posterUrl: string | null;
  /** Of a WebVTT file whose cues point at thumbnails. */
  storyboardUrl: string | null;
  expiresAt: Date;
}

/** How long a playback URL works unless its caller says otherwise. */
export const DEFAULT_PLAYBACK_SECONDS = 3600;

/** The signed URLs of one generation; what they lead to works until `expiresAt`, or a little longer. */
export function playbackUrls(
  deps: { tokens: Tokens; publicStreamUrl: string },
  grant: PlaybackGrant & { hasPoster: boolean },
): PlaybackUrls {
  const { tokens, publicStreamUrl } = deps;
  const media = grant.hasPoster ? tokens.sealMedia(grant) : undefined;
  return {
    url: masterUrl(publicStreamUrl, tokens.sealEntry(grant)),
    posterUrl: media ? fileUrl(publicStreamUrl, media, hlsFiles.poster) : null,
    storyboardUrl: media ? fileUrl(publicStreamUrl, media, hlsFiles.storyboard) : null,
    expiresAt: new Date(Math.floor(grant.expiresAt.getTime() / 1000) * 1000),
  };
}

/** Of the master playlist: under an entry token, or under the id of a video that everybody may play, which stays the same. */
export const masterUrl = (publicStreamUrl: string, tokenOrId: string): string =>
  `${publicStreamUrl}/stream/${tokenOrId}.m3u8`;

/** Of a published file: under a media token, or the poster under such an id. */
export const fileUrl = (publicStreamUrl: string, tokenOrId: string, file: string): string =>
  `${publicStreamUrl}/stream/${tokenOrId}/${file}`;

/** What the tokens of a video carry, whoever they are for. */
export function playbackTerms(
  video: Pick<Video, '_id' | 'playbackEpoch'>,
  project: Pick<Project, 'playbackOrigins'>,
): Pick<PlaybackGrant, 'videoId' | 'epoch' | 'origins'> {
  return {
    videoId: video._id,
    ...(video.playbackEpoch && { epoch: video.playbackEpoch }),
    ...(project.playbackOrigins && { origins: project.playbackOrigins }),
  };
}

/** What a playable video plays: one of its generations, and when that one became READY. */
export interface PlayedGeneration {
  generation: number;
  readyAt?: Date;
  /** And a storyboard: once it is finished, and only where there is a picture. */
  hasPoster: boolean;
}

/** The generation that is READY while another one is made, else the current one. */
export function playedGeneration(
  video: Pick<Video, 'generation' | 'status' | 'readyAt' | 'served'> & {
    renditions: readonly Pick<Rendition, 'width'>[];
  },
): PlayedGeneration {
  const { generation, readyAt } = video.served ?? video;
  const isFinished = video.served != null || video.status === 'READY';
  return {
    generation,
    readyAt,
    hasPoster: isFinished && video.renditions.some(({ width }) => width != null),
  };
}
