import { hlsFileKind, hlsFiles, type HlsFileKind } from '../schema/blob-paths.js';
import { isId } from '../schema/ids.js';
import type { TokenPurpose } from '../platform/playback-claims.js';

/** What a stream URL asks for, and under which token. */
export interface StreamTarget {
  token: string;
  purpose: TokenPurpose;
  /** Below the generation's prefix. */
  file: string;
  kind: HlsFileKind;
  /** Whether the token is the id of a video that has to be public. */
  isPublic: boolean;
}

/** Of all URLs of published files. */
export const STREAM_PATH = '/stream/';
const PLAYLIST = '.m3u8';

/**
 * `/stream/<entry token>.m3u8` or `/stream/<media token>/<file>`, with the id of a public video in place of a token
 * `/stream/<id>.m3u8` or `/stream/<id>/poster.jpg`, read from the URL as it was sent: nothing is decoded or
 * normalized, so each file has one name. undefined for everything else.
 */
export function parseStreamTarget(url: string): StreamTarget | undefined {
  if (!url.startsWith(STREAM_PATH)) return undefined;
  const query = url.indexOf('?');
  const path = url.slice(STREAM_PATH.length, query === -1 ? undefined : query);
  const slash = path.indexOf('/');
  return slash === -1 ? entryTarget(path) : mediaTarget(path.slice(0, slash), path.slice(slash + 1));
}

function entryTarget(path: string): StreamTarget | undefined {
  if (!path.endsWith(PLAYLIST)) return undefined;
  const token = path.slice(0, -PLAYLIST.length);
  return { ...named(token), purpose: 'entry', file: hlsFiles.master, kind: 'master' };
}

/** A media token never reads the master: that one is always served rewritten. */
function mediaTarget(token: string, file: string): StreamTarget | undefined {
  const kind = hlsFileKind(file);
  if (!kind || kind === 'master') return undefined;
  const { isPublic } = named(token);
  // Names of other files are those of one generation, which an id does not tell.
  return isPublic && kind !== 'poster' ? undefined : { token, isPublic, purpose: 'media', file, kind };
}

/** No token begins like an id: its first byte is the length of a key's id. */
const named = (token: string) => ({ token, isPublic: isId('video', token) });
