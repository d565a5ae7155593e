import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FIRST_PIPE, runPipes, runTool } from './run-tool.js';
import type { FrameSize } from './tagged-frames.js';
import { readTags, TAG_CELLS, TAG_FILTER } from './tagged-frames.js';

const HLS = ['-protocol_whitelist', 'file', '-allowed_extensions', 'ALL'];
const SAMPLE_RATE = 48_000;
const LOUD = 4000;

const RAW_PICTURES = ['-fps_mode', 'passthrough', '-f', 'rawvideo'];

/** Something to decode: arguments of its inputs, and of the raw output that is made of them; how that is read. */
interface Decoding<T> {
  inputs: string[][];
  /** @param first the number of the first of its inputs */
  output: (first: number) => string[];
  read: (raw: Buffer) => T;
}

/** What is in a film: of that which was asked for. */
export interface Decoded {
  /** Picture numbers of every frame, in order. */
  tags?: number[];
  /** Times at which a beep begins, seconds. */
  beeps?: number[];
  /** Picture numbers of the thumbnails of each sheet, from left to right. */
  sheets?: number[][];
}

/** Decodes media playlists and sprite sheets in one run of FFmpeg: to start it takes longest. */
export async function decodeFilm(film: {
  pictures?: string;
  sound?: string;
  sheets: readonly Sheet[];
}): Promise<Decoded> {
  const { pictures, sound, sheets } = film;
  const found: Decoded = {};
  const parts = [
    ...(pictures ? [reading(picturesOf(pictures), (tags) => (found.tags = tags))] : []),
    ...(sound ? [reading(soundOf(sound), (beeps) => (found.beeps = beeps))] : []),
    ...(sheets.length ? [reading(thumbnailsOf(sheets), (tags) => (found.sheets = tags))] : []),
  ];
  if (parts.length === 0) return found;
  const inputs = parts.flatMap((part) => part.inputs);
  let first = 0;
  const outputs = parts.flatMap((part, n) => {
    const output = [...part.output(first), `pipe:${FIRST_PIPE + n}`];
    first += part.inputs.length;
    return output;
  });
  const raw = await runPipes('ffmpeg', ['-v', 'error', ...inputs.flat(), ...outputs], parts.length);
  for (const [n, part] of parts.entries()) part.take(raw[n] ?? Buffer.alloc(0));
  return found;
}

const reading = <T>({ inputs, output, read }: Decoding<T>, keep: (value: T) => void) => ({
  inputs,
  output,
  take: (raw: Buffer) => keep(read(raw)),
});

const picturesOf = (playlist: string): Decoding<number[]> => ({
  inputs: [[...HLS, '-i', playlist]],
  output: (first) => ['-map', `${first}:v`, '-vf', TAG_FILTER, ...RAW_PICTURES],
  read: readTags,
});

/**
 * Picture numbers of every picture in these fMP4 files, decoded one without the other, in order. A file may break off
 * after its first samples; a sample that is cut off gives no picture.
 */
export async function decodeStills(files: readonly Buffer[]): Promise<number[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-stills-'));
  try {
    const inputs = files.map((_, n) => path.join(folder, `${n}.mp4`));
    await Promise.all(inputs.map((input, n) => writeFile(input, files[n] ?? '')));
    const shrunk = inputs.map((_, n) => `[${n}:v]${TAG_FILTER}[v${n}]`);
    const graph = `${shrunk.join(';')};${inputs.map((_, n) => `[v${n}]`).join('')}concat=n=${inputs.length}[out]`;
    const raw = await runTool('ffmpeg', [
      ...['-v', 'fatal', ...inputs.flatMap((input) => ['-fflags', '+discardcorrupt', '-i', input])],
      ...['-filter_complex', graph, '-map', '[out]', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    ]);
    return readTags(raw);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A sprite sheet: a row of thumbnails. */
export interface Sheet {
  file: string;
  columns: number;
  tile: FrameSize;
}

function thumbnailsOf(sheets: readonly Sheet[]): Decoding<number[][]> {
  const widest = Math.max(...sheets.map(({ columns, tile }) => columns * tile.width));
  const rowOf = ({ tile }: Sheet): string =>
    `format=gray,crop=iw:1:0:${Math.floor(tile.height / 12)},setsar=1,pad=${widest}:1`;
  const graph = (first: number): string => {
    const rows = sheets.map((sheet, n) => `[${first + n}:v]${rowOf(sheet)}[v${n}]`);
    return `${rows.join(';')};${sheets.map((_, n) => `[v${n}]`).join('')}concat=n=${sheets.length}[out]`;
  };
  return {
    inputs: sheets.map(({ file }) => ['-i', file]),
    output: (first) => ['-filter_complex', graph(first), '-map', '[out]', ...RAW_PICTURES],
    read: (gray) => sheets.map((sheet, n) => tagsOfRow(gray.subarray(n * widest), sheet)),
  };
}

function tagsOfRow(row: Buffer, { columns, tile }: Sheet): number[] {
  return Array.from({ length: columns }, (_, column) => {
    const cell = (bit: number): number =>
      row[Math.floor((column + (bit + 0.5) / TAG_CELLS) * tile.width)] ?? 0;
    return Array.from({ length: TAG_CELLS }, (__, bit) => (cell(bit) > 127 ? 1 << bit : 0)).reduce(
      (a, b) => a | b,
    );
  });
}

const soundOf = (playlist: string): Decoding<number[]> => ({
  inputs: [[...HLS, '-i', playlist]],
  output: (first) => ['-map', `${first}:a`, '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le'],
  read: readBeeps,
});

function readBeeps(bytes: Buffer): number[] {
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
  const beeps: number[] = [];
  let loudBefore = -Infinity;
  // There are millions of samples: a loop that calls nothing.
  for (let sample = 0; sample < samples.length; sample += 1) {
    const level = samples[sample] ?? 0;
    if (level < LOUD && level > -LOUD) continue;
    if (sample - loudBefore > SAMPLE_RATE / 4) beeps.push(sample / SAMPLE_RATE);
    loudBefore = sample;
  }
  return beeps;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
