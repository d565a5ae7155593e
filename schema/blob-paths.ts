/**
 * Every blob key of the platform, built and parsed.
 *
 * Container `uploads`:  <videoId>/source, <videoId>/captions/<captions id>.vtt
 *                       <videoId>/intake      written by a client, until its upload is completed
 *                       <uploadId>/part       one part of a file that is sent in several at once
 * Container `hls`:      <videoId>/<generation>/<file of the CMAF HLS tree>
 *                       <videoId>/withdrawn
 *
 * Names of published media carry the attempt that made them, so that a published blob is never
 * written again.
 */

/** Key of the uploaded file, in the container for uploads. */
export const sourceKey = (videoId: string): string => `${videoId}/source`;

/** Key that a client writes its file to by itself: nothing but `completeUpload` reads it. */
export const intakeKey = (videoId: string): string => `${videoId}/intake`;

/** Key of a part that is joined with others to a source. */
export const partKey = (uploadId: string): string => `${uploadId}/part`;
/** Prefix, with its trailing slash, of everything of one video, in either container. */
export const videoPrefix = (videoId: string): string => `${videoId}/`;

/** Key of the mark that nothing of this video may be played, though it is stored. */
export const withdrawnKey = (videoId: string): string => `${videoId}/withdrawn`;
/** Key of captions as they were added, normalised to WebVTT, in the container for uploads. */
export const captionsKey = (videoId: string, captionsId: string): string =>
  `${videoId}/captions/${captionsId}.vtt`;

/** Prefix, with its trailing slash, of everything one generation publishes. */
export const generationPrefix = (videoId: string, generation: number): string => `${videoId}/${generation}/`;

/** Prefix, with its trailing slash, of what one generation publishes of captions. */
export const captionsPrefix = (videoId: string, generation: number, captionsId: string): string =>
  `${generationPrefix(videoId, generation)}${captionsId}/`;

/** Directory of a video rendition, by the length of its short side: `v720`. */
export const videoTrackName = (height: number): string => `v${height}`;

/** The short side of the rendition that a published file belongs to; undefined for what is not of a picture. */
export function videoTrackHeight(file: string): number | undefined {
  const [, height] = /^v(\d+)\//.exec(file) ?? [];
  return height === undefined ? undefined : Number(height);
}

/** Directory of the audio rendition with this index: `a0`. */
export const audioTrackName = (index: number): string => `a${index}`;

const pad = (n: number): string => String(n).padStart(5, '0');

/** File names below a generation's prefix. */
export const hlsFiles = {
  master: 'master.m3u8',
  poster: 'poster.jpg',
  storyboard: 'storyboard.vtt',
  media: (track: string): string => `${track}/media.m3u8`,
  /** The key frames of a video rendition alone: ranges of its segments. */
  iframes: (track: string): string => `${track}/iframes.m3u8`,
  init: (track: string, attempt: number): string => `${track}/init.${attempt}.mp4`,
  segment: (track: string, segment: number, attempt: number): string =>
    `${track}/s${pad(segment)}.${attempt}.m4s`,
  /** What the captions of a film are cut into; their directory is their id. */
  captions: (captionsId: string, segment: number): string => `${captionsId}/s${pad(segment)}.vtt`,
  /** Sprite sheet with one thumbnail for each segment of the chunk that starts at `segment`. */
  sprite: (segment: number, attempt: number): string => `sprites/t${pad(segment)}.${attempt}.jpg`,
} as const;

export type HlsFileKind =
  | 'master'
  | 'media'
  | 'init'
  | 'segment'
  | 'captions'
  | 'poster'
  | 'storyboard'
  | 'sprite';

const patterns: readonly (readonly [HlsFileKind, RegExp])[] = [
  ['master', /^master\.m3u8$/],
  ['media', /^(?:(?:[va]\d{1,4}|captions_[\da-z]{26})\/media|v\d{1,4}\/iframes)\.m3u8$/],
  ['init', /^[va]\d{1,4}\/init\.\d{1,6}\.mp4$/],
  ['segment', /^[va]\d{1,4}\/s\d{5,7}\.\d{1,6}\.m4s$/],
  ['captions', /^captions_[\da-z]{26}\/s\d{5,7}\.vtt$/],
  ['poster', /^poster\.jpg$/],
  ['storyboard', /^storyboard\.vtt$/],
  ['sprite', /^sprites\/t\d{5,7}\.\d{1,6}\.jpg$/],
];

/** Which kind of published file a relative name is; undefined for any name this platform never writes. */
export function hlsFileKind(file: string): HlsFileKind | undefined {
  return patterns.find(([, pattern]) => pattern.test(file))?.[0];
}
