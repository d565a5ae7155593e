import { type Playlist, readPlaylist, resolve, type Tag } from './playlist-text.js';

/** A published film as it was found. Paths count from the folder of its master playlist, `master.m3u8`. */
export interface Published {
  /** Every playlist and WebVTT file. */
  texts: ReadonlyMap<string, string>;
  /** Length of every file, bytes. */
  sizes: ReadonlyMap<string, number>;
  /** What ffprobe finds in what a playlist plays, one entry for each stream of it. */
  probes: ReadonlyMap<string, readonly Probe[]>;
  /** How many ranges of an I-frame playlist were decoded, each alone, and how many pictures that gave. */
  decoded: ReadonlyMap<string, { ranges: number; pictures: number }>;
}

/** A stream, as ffprobe names things. */
export interface Probe {
  /** `h264`, `aac`; its tag: `avc1`. */
  codec: string;
  tag: string;
  /** `High`, `LC`. */
  profile: string;
  /** H.264: ten times the number. */
  level: number;
  width: number;
  height: number;
  channels: number;
  /** `bt709`. */
  transfer: string;
  /** In the pictures. */
  closedCaptions: boolean;
  /** In the order of decoding, which is where segments are cut; times in seconds. */
  packets: readonly { dts: number; duration: number; isKey: boolean }[];
}

export type MediaKind = 'video' | 'audio' | 'subtitles' | 'iframes';

/** A media playlist, and the line of the master that names it. */
export interface Media {
  kind: MediaKind;
  playlist: Playlist;
  /** EXT-X-STREAM-INF, EXT-X-MEDIA or EXT-X-I-FRAME-STREAM-INF. */
  tag: Tag;
}

/** A published film, read. */
export interface Presentation extends Published {
  master: Playlist;
  /** In the order of the master; a playlist that is named twice is here twice. */
  media: readonly Media[];
}

/** What breaks a rule, and where. */
export interface Finding {
  path: string;
  /** Counted from 1; absent where no single line is wrong. */
  line?: number;
  problem: string;
}

export interface Rule {
  name: string;
  /** Document and section. */
  source: string;
  check: (presentation: Presentation) => Finding[];
}

export const AUTHORING = 'HLS Authoring Specification';
export const RFC = 'RFC 8216';

const NAMING_TAGS = ['EXT-X-MEDIA', 'EXT-X-I-FRAME-STREAM-INF'];

function kindOf({ name, attributes }: Tag, probes: readonly Probe[] = []): MediaKind {
  if (name === 'EXT-X-I-FRAME-STREAM-INF') return 'iframes';
  if (attributes.get('TYPE') === 'SUBTITLES') return 'subtitles';
  return probes.some(({ width }) => width > 0) ? 'video' : 'audio';
}

/** Reads what was found. Playlists that are not there are left out: a rule complains of them. */
export function readPresentation(published: Published): Presentation {
  const playlistAt = (path: string): Playlist | undefined => {
    const text = published.texts.get(path);
    return text === undefined ? undefined : readPlaylist(path, text);
  };
  const master = playlistAt('master.m3u8');
  if (!master) throw new Error('there is no master playlist');
  const named = [
    ...master.tags
      .filter(({ name }) => NAMING_TAGS.includes(name))
      .map((tag) => ({ tag, uri: tag.attributes.get('URI') })),
    ...master.entries.map(({ uri, tags }) => ({ uri, tag: tags.at(-1) })),
  ];
  const media = named.flatMap(({ tag, uri }) => {
    const playlist = uri === undefined ? undefined : playlistAt(resolve(master, uri));
    return tag && playlist ? [{ kind: kindOf(tag, published.probes.get(playlist.path)), playlist, tag }] : [];
  });
  return { ...published, master, media };
}

export const ofKind = ({ media }: Presentation, ...kinds: MediaKind[]): Media[] =>
  media.filter(({ kind }) => kinds.includes(kind));

/** Playlists that EXT-X-STREAM-INF names: pictures, or sound alone. */
export const variants = ({ media }: Presentation): Media[] =>
  media.filter(({ tag }) => tag.name === 'EXT-X-STREAM-INF');

/** Members of the group of renditions that an attribute of a variant names. */
export function groupOf({ media }: Presentation, { tag }: Media, type: 'AUDIO' | 'SUBTITLES'): Media[] {
  const group = tag.attributes.get(type);
  return media.filter(
    (other) => other.tag.attributes.get('TYPE') === type && group === other.tag.attributes.get('GROUP-ID'),
  );
}

/** What ffprobe found first in what a playlist plays. */
export const probeOf = ({ probes }: Presentation, { playlist }: Media): Probe | undefined =>
  probes.get(playlist.path)?.[0];

/** Frames a second. */
export const frameRateOf = (probe: Probe | undefined): number => 1 / (probe?.packets[0]?.duration ?? NaN);

/** Length of an AAC packet, seconds. */
export const PACKET_SECONDS = 1024 / 48_000;

/** What times of two playlists may differ by: a frame, and a packet of sound. */
export function leeway(presentation: Presentation): number {
  const [video] = ofKind(presentation, 'video');
  const frame = video ? 1 / frameRateOf(probeOf(presentation, video)) : 0;
  return (Number.isFinite(frame) ? frame : 0) + PACKET_SECONDS;
}
