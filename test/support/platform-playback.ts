import { spawn, type ChildProcess } from 'node:child_process';
import { decodeStills } from '../media/decoded.js';
import { runTool } from '../media/run-tool.js';
import { readTags, TAG_CELLS, TAG_FILTER } from '../media/tagged-frames.js';

export interface MasterPlaylist {
  variants: { url: string; resolution: string }[];
  sound: string[];
  captions: { url: string; name: string; language: string }[];
  /** I-frame playlists. */
  iframes: { url: string; resolution: string }[];
  /** Values by their ids. */
  sessionData: Map<string, string>;
}

export interface MediaPlaylist {
  type: string | undefined;
  ended: boolean;
  init: string;
  segments: { url: string; seconds: number }[];
}

/** Bytes of a file, both ends included. */
interface ByteRange {
  start: number;
  end: number;
}

/** A small file, or a range of it, as a player fetches it. @throws Error unless it is there */
export async function fetchFile(
  url: string,
  range?: ByteRange,
): Promise<{ type: string | null; body: Buffer }> {
  const answer = await fetch(url, { headers: range ? { range: `bytes=${range.start}-${range.end}` } : {} });
  if (answer.status !== (range ? 206 : 200))
    throw new Error(`${new URL(url).pathname.split('/').at(-1)} answers ${answer.status}`);
  return { type: answer.headers.get('content-type'), body: Buffer.from(await answer.arrayBuffer()) };
}

async function fetchLines(url: string): Promise<string[]> {
  const { body } = await fetchFile(url);
  return body.toString('utf8').split('\n');
}

const attribute = (line: string, name: string): string | undefined =>
  new RegExp(`[:,]${name}="?([^",]+)`).exec(line)?.[1];

const resolve = (uri: string | undefined, base: string): string => new URL(uri ?? '', base).href;

/** The master playlist (RFC 8216 section 4.3.4) behind an entry URL, its URIs resolved. */
export async function readMaster(url: string): Promise<MasterPlaylist> {
  const lines = await fetchLines(url);
  const tagged = (tag: string) => lines.flatMap((line, at) => (line.startsWith(tag) ? [{ line, at }] : []));
  return {
    variants: tagged('#EXT-X-STREAM-INF').map(({ line, at }) => ({
      url: resolve(lines[at + 1], url),
      resolution: attribute(line, 'RESOLUTION') ?? '',
    })),
    sound: tagged('#EXT-X-MEDIA:TYPE=AUDIO').map(({ line }) => resolve(attribute(line, 'URI'), url)),
    captions: tagged('#EXT-X-MEDIA:TYPE=SUBTITLES').map(({ line }) => ({
      url: resolve(attribute(line, 'URI'), url),
      name: attribute(line, 'NAME') ?? '',
      language: attribute(line, 'LANGUAGE') ?? '',
    })),
    iframes: tagged('#EXT-X-I-FRAME-STREAM-INF').map(({ line }) => ({
      url: resolve(attribute(line, 'URI'), url),
      resolution: attribute(line, 'RESOLUTION') ?? '',
    })),
    sessionData: new Map(
      tagged('#EXT-X-SESSION-DATA').map(({ line }) => [
        attribute(line, 'DATA-ID') ?? '',
        attribute(line, 'VALUE') ?? '',
      ]),
    ),
  };
}

/** A media playlist (RFC 8216 section 4.3.3), its URIs resolved. */
export async function readMedia(url: string): Promise<MediaPlaylist> {
  const lines = await fetchLines(url);
  const value = (tag: string) => lines.find((line) => line.startsWith(tag))?.slice(tag.length);
  return {
    type: value('#EXT-X-PLAYLIST-TYPE:'),
    ended: lines.includes('#EXT-X-ENDLIST'),
    init: resolve(attribute(`:${value('#EXT-X-MAP:')}`, 'URI'), url),
    segments: lines.flatMap((line, at) => {
      const seconds = /^#EXTINF:([\d.]+),/.exec(line)?.[1];
      return seconds ? [{ url: resolve(lines[at + 1], url), seconds: Number(seconds) }] : [];
    }),
  };
}

const decodeArgs = (url: string, options: readonly string[]): string[] => [
  ...['-v', 'error', ...options, '-i', url, '-map', '0:v:0', '-vf', TAG_FILTER],
  ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
];

/** Numbers of the pictures that a playlist delivers, in the order in which they are shown. */
export async function playedTags(url: string): Promise<number[]> {
  return readTags(await runTool('ffmpeg', decodeArgs(url, [])));
}

/** Numbers of the pictures of an I-frame playlist, each fetched and decoded without the others. */
export async function playedStills(url: string): Promise<number[]> {
  const { body: init } = await fetchFile((await readMedia(url)).init);
  const lines = await fetchLines(url);
  const stills = lines.flatMap((line, at) => {
    const [, length, offset] = /^#EXT-X-BYTERANGE:(\d+)@(\d+)$/.exec(line) ?? [];
    const start = Number(offset);
    return length === undefined
      ? []
      : [{ url: resolve(lines[at + 1], url), start, end: start + Number(length) - 1 }];
  });
  const bodies = await Promise.all(stills.map(async (still) => (await fetchFile(still.url, still)).body));
  return decodeStills(bodies.map((body) => Buffer.concat([init, body])));
}

/** The cues that a playlist of captions delivers, as FFmpeg reads and writes them. */
export async function playedCaptions(url: string): Promise<string> {
  return (
    await runTool('ffmpeg', ['-v', 'error', '-i', url, '-map', '0:s:0', '-f', 'webvtt', 'pipe:1'])
  ).toString();
}

export interface ProbedFilm {
  durationSeconds: number;
  streams: { codec_type: string; width?: number; height?: number; packets: number }[];
}

/** What ffprobe finds behind an entry URL when it reads all of it. */
export async function probeFilm(url: string): Promise<ProbedFilm> {
  const entries = 'format=duration:stream=codec_type,width,height,nb_read_packets';
  const text = await runTool('ffprobe', [
    ...['-v', 'error', '-count_packets', '-show_entries', entries, '-of', 'json', url],
  ]);
  const { format, streams } = JSON.parse(text.toString()) as {
    format: { duration: string };
    streams: { codec_type: string; width?: number; height?: number; nb_read_packets: string }[];
  };
  return {
    durationSeconds: Number(format.duration),
    streams: streams.map(({ nb_read_packets, ...stream }) => ({
      ...stream,
      packets: Number(nb_read_packets),
    })),
  };
}

/** A player in the middle of a film. */
export interface GrowingPlayback {
  /** Resolves when the first picture was shown. */
  readonly started: Promise<void>;
  /** Resolves at the film's end, to the numbers of all pictures. */
  readonly tags: Promise<number[]>;
}

/** Plays a film that may still grow, from its start until the playlist ends; `signal` stops it. */
export function playGrowing(url: string, signal: AbortSignal): GrowingPlayback {
  // FFmpeg would begin three segments before the end of whatever may grow.
  const child = spawn('ffmpeg', decodeArgs(url, ['-live_start_index', '0']), {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const pieces: Buffer[] = [];
  const started = Promise.withResolvers<void>();
  child.stdout.on('data', (piece: Buffer) => {
    pieces.push(piece);
    if (Buffer.concat(pieces).length >= TAG_CELLS) started.resolve();
  });
  const tags = ending(child).then(() => readTags(Buffer.concat(pieces)));
  tags.catch((error: unknown) => started.reject(error));
  started.promise.catch(() => undefined);
  return { started: started.promise, tags };
}

function ending(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}`))));
  });
}
