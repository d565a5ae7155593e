import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeStills } from '../decoded.js';
import { runTool } from '../run-tool.js';
import { type Playlist, readPlaylist, resolve, segmentsOf, tagsOf } from './playlist-text.js';
import type { Probe, Published } from './presentation.js';

/** Ranges of an I-frame playlist that are decoded: all of a short film, a sample of a long one. */
const MAX_STILLS = 12;

const STREAM = 'codec_name,codec_tag_string,profile,level,width,height,channels,color_transfer';

/** User data of pictures that is of ATSC, where closed captions are (ITU-T T.35). */
const ATSC = Buffer.from([0xb5, 0x00, 0x31, ...Buffer.from('GA94')]);

/** ffprobe tells of closed captions only where it decodes pictures. */
async function hasClosedCaptions(dir: string, playlist: Playlist): Promise<boolean> {
  for (const { file } of segmentsOf(playlist))
    if ((await readFile(path.join(dir, file))).includes(ATSC)) return true;
  return false;
}

async function probePlaylist(dir: string, playlist: Playlist): Promise<Probe[]> {
  const printed = await runTool('ffprobe', [
    ...['-v', 'error', '-protocol_whitelist', 'file', '-allowed_extensions', 'ALL'],
    ...['-show_entries', `stream=index,time_base,${STREAM}:packet=stream_index,dts,duration,flags`],
    ...['-of', 'compact', path.join(dir, playlist.path)],
  ]);
  const rows = printed
    .toString()
    .split('\n')
    .map((line) => line.split('|'));
  const fieldsOf = (section: string): Map<string, string>[] =>
    rows
      .filter(([name]) => name === section)
      .map((row) => new Map(row.slice(1).map((field) => field.split('=') as [string, string])));
  const packets = fieldsOf('packet');
  const closedCaptions = await hasClosedCaptions(dir, playlist);
  return fieldsOf('stream').map((stream) => ({ ...readProbe(stream, packets), closedCaptions }));
}

function readProbe(
  stream: Map<string, string>,
  packets: readonly Map<string, string>[],
): Omit<Probe, 'closedCaptions'> {
  const [num = 0, den = 1] = (stream.get('time_base') ?? '').split('/').map(Number);
  const text = (name: string): string => stream.get(name) ?? '';
  const number = (name: string): number => Number(stream.get(name) ?? 0);
  const seconds = (packet: Map<string, string>, name: string): number =>
    (Number(packet.get(name)) * num) / den;
  const own = packets.filter((packet) => packet.get('stream_index') === stream.get('index'));
  return {
    ...{ codec: text('codec_name'), tag: text('codec_tag_string'), profile: text('profile') },
    ...{ level: number('level'), width: number('width'), height: number('height') },
    ...{ channels: number('channels'), transfer: text('color_transfer') },
    packets: own.map((packet, index) => {
      const dts = seconds(packet, 'dts');
      // ffprobe does not know how long the first packet of AAC is.
      const next = own[index + 1];
      const duration =
        packet.get('duration') === 'N/A' && next ? seconds(next, 'dts') - dts : seconds(packet, 'duration');
      return { dts, duration, isKey: packet.get('flags')?.startsWith('K') ?? false };
    }),
  };
}

async function readRange(
  file: string,
  { length, offset }: { length: number; offset: number },
): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

/** The ranges of an I-frame playlist as a player gets them, each behind the init segment, evenly chosen. */
async function stillsOf(dir: string, playlist: Playlist): Promise<{ segment: number; bytes: Buffer }[]> {
  const [map] = tagsOf(playlist, 'EXT-X-MAP');
  const init = await readFile(path.join(dir, resolve(playlist, map?.attributes.get('URI') ?? '')));
  const segments = segmentsOf(playlist);
  const step = Math.max(1, segments.length / MAX_STILLS);
  const chosen = Array.from({ length: Math.min(MAX_STILLS, segments.length) }, (_, n) =>
    Math.floor(n * step),
  );
  return Promise.all(
    chosen.map(async (segment) => {
      const { file, range } = segments[segment]!;
      if (!range) throw new Error(`${playlist.path} has no range for ${file}`);
      return { segment, bytes: Buffer.concat([init, await readRange(path.join(dir, file), range)]) };
    }),
  );
}

/** What the ranges of an I-frame playlist show: which segments were tried, and the picture number of each picture. */
export interface Stills {
  segments: number[];
  tags: number[];
}

/** A film as it is published in a folder, and what its I-frame playlists show, by their paths. */
export async function readPublished(
  dir: string,
): Promise<{ published: Published; stills: Map<string, Stills> }> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
  const sizes = await Promise.all(
    files.map(async (file) => [file, (await stat(path.join(dir, file))).size] as const),
  );
  const texts = new Map<string, string>();
  for (const file of files.filter((name) => /\.(m3u8|vtt)$/.test(name)))
    texts.set(file, await readFile(path.join(dir, file), 'utf8'));

  const probes = new Map<string, Probe[]>();
  const stills = new Map<string, Stills>();
  for (const [file, text] of texts) {
    if (!/^[va]\d+\/(media|iframes)\.m3u8$/.test(file)) continue;
    const playlist = readPlaylist(file, text);
    if (file.endsWith('/media.m3u8')) probes.set(file, await probePlaylist(dir, playlist));
    if (!file.endsWith('/iframes.m3u8')) continue;
    const ranges = await stillsOf(dir, playlist);
    const tags = await decodeStills(ranges.map(({ bytes }) => bytes));
    stills.set(file, { segments: ranges.map(({ segment }) => segment), tags });
  }
  const decoded = new Map(
    [...stills].map(([file, { segments, tags }]) => [
      file,
      { ranges: segments.length, pictures: tags.length },
    ]),
  );
  return { published: { texts, sizes: new Map(sizes), probes, decoded }, stills };
}
