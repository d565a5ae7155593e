/** Playlists as they are written (RFC 8216 section 4), read by rules: nothing of the code that makes them is used. */

export interface Tag {
  /** Counted from 1. */
  line: number;
  /** `EXT-X-MAP`. */
  name: string;
  /** What follows the colon. */
  value: string;
  /** Of a value that is an attribute list (section 4.2), without the quotes of strings. */
  attributes: ReadonlyMap<string, string>;
  /** Whether it should be an attribute list and is not, or has an attribute twice. */
  malformed: boolean;
}

/** A line that is a URI, and the tags since the one before it. */
export interface Entry {
  line: number;
  uri: string;
  tags: readonly Tag[];
}

export interface Playlist {
  /** Its path from the folder of the master. */
  path: string;
  lines: readonly string[];
  tags: readonly Tag[];
  entries: readonly Entry[];
}

/** What a line of a media playlist plays. */
export interface Segment {
  line: number;
  /** Path from the folder of the master. */
  file: string;
  /** EXTINF, seconds, and their sum before this one. */
  seconds: number;
  start: number;
  /** EXT-X-BYTERANGE. */
  range?: { length: number; offset: number };
}

const LISTS = ['MAP', 'MEDIA', 'STREAM-INF', 'I-FRAME-STREAM-INF', 'START', 'SESSION-DATA'].map(
  (name) => `EXT-X-${name}`,
);
const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/y;

function readAttributes(list: string): { attributes: Map<string, string>; malformed: boolean } {
  const attributes = new Map<string, string>();
  let at = 0;
  while (at < list.length) {
    ATTRIBUTE.lastIndex = at;
    const [whole, name, value] = ATTRIBUTE.exec(list) ?? [];
    if (whole === undefined || name === undefined || value === undefined || attributes.has(name))
      return { attributes, malformed: true };
    attributes.set(name, value.replaceAll('"', ''));
    at += whole.length;
  }
  return { attributes, malformed: list === '' || list.endsWith(',') };
}

function readTag(text: string, line: number): Tag {
  const [, name = '', value = ''] = /^#([^:]*)(?::(.*))?$/.exec(text) ?? [];
  const list = LISTS.includes(name) ? readAttributes(value) : { attributes: new Map(), malformed: false };
  return { line, name, value, ...list };
}

export function readPlaylist(path: string, text: string): Playlist {
  const lines = text.split('\n');
  const tags: Tag[] = [];
  const entries: Entry[] = [];
  let sinceEntry = 0;
  lines.forEach((content, index) => {
    if (content.startsWith('#EXT')) tags.push(readTag(content, index + 1));
    if (content === '' || content.startsWith('#')) return;
    entries.push({ line: index + 1, uri: content, tags: tags.slice(sinceEntry) });
    sinceEntry = tags.length;
  });
  return { path, lines, tags, entries };
}

export const tagsOf = (playlist: Playlist, name: string): Tag[] =>
  playlist.tags.filter((tag) => tag.name === name);

export const valueOf = (playlist: Playlist, name: string): string | undefined =>
  tagsOf(playlist, name)[0]?.value;

/** A URI of a playlist as a path from the folder of the master. */
export const resolve = (playlist: Playlist, uri: string): string =>
  new URL(uri, `file:///${playlist.path}`).pathname.slice(1);

const entryTag = ({ tags }: Entry, name: string): string | undefined =>
  tags.find((tag) => tag.name === name)?.value;

function readRange(entry: Entry): Segment['range'] {
  const [, length, offset] = /^(\d+)@(\d+)$/.exec(entryTag(entry, 'EXT-X-BYTERANGE') ?? '') ?? [];
  return length === undefined ? undefined : { length: Number(length), offset: Number(offset) };
}

export function segmentsOf(playlist: Playlist): Segment[] {
  let start = 0;
  return playlist.entries.map((entry) => {
    const seconds = parseFloat(entryTag(entry, 'EXTINF') ?? '');
    const segment = { line: entry.line, file: resolve(playlist, entry.uri), seconds, start };
    start += seconds;
    return { ...segment, range: readRange(entry) };
  });
}

/** Seconds that a playlist plays. */
export const secondsOf = (playlist: Playlist): number =>
  segmentsOf(playlist).reduce((total, { seconds }) => total + seconds, 0);
