import type { Body } from '../platform/memory/body.js';
import type { HlsFileKind } from '../schema/blob-paths.js';

export const contentTypes: Readonly<Record<HlsFileKind, string>> = {
  master: 'application/vnd.apple.mpegurl',
  media: 'application/vnd.apple.mpegurl',
  init: 'video/mp4',
  segment: 'video/mp4',
  captions: 'text/vtt; charset=utf-8',
  poster: 'image/jpeg',
  storyboard: 'text/vtt; charset=utf-8',
  sprite: 'image/jpeg',
};

const YEAR_SECONDS = 31_536_000;

/** Half a segment of four seconds: a player that polls sees each new one in time. */
const GROWING_SECONDS = 2;

const PICTURE_SECONDS = 300;
const END_OF_PLAYLIST = '#EXT-X-ENDLIST';

/** Kinds of which no name is ever written twice. */
const immutable: readonly HlsFileKind[] = ['init', 'segment', 'captions', 'sprite'];

/** Whether a file will never change again: its name is unique to its content, or its playlist has ended. */
export function isFinal(kind: HlsFileKind, body: Body): boolean {
  if (immutable.includes(kind)) return true;
  return (
    kind === 'media' &&
    body
      .bytes()
      .subarray(-2 * END_OF_PLAYLIST.length)
      .includes(END_OF_PLAYLIST)
  );
}

/** What a file is served under. */
export interface CacheBounds {
  /** Of the token that asked for it. */
  secondsLeft: number;
  /** Whether a cache may give it to others who have the same URL. */
  isShared: boolean;
}

/** Cache-Control of a stored file, never beyond the token that asked for it. */
export function cacheControl(
  kind: HlsFileKind,
  final: boolean,
  { secondsLeft, isShared }: CacheBounds,
): string {
  if (kind === 'master') return 'private, no-store';
  const whose = isShared ? 'public' : 'private';
  const left = Math.max(0, Math.floor(secondsLeft));
  if (final) return `${whose}, max-age=${Math.min(YEAR_SECONDS, left)}, immutable`;
  return `${whose}, max-age=${Math.min(kind === 'media' ? GROWING_SECONDS : PICTURE_SECONDS, left)}`;
}
