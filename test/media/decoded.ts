import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTool } from './run-tool.js';
import type { FrameSize } from './tagged-frames.js';
import { readTags, TAG_CELLS, TAG_FILTER } from './tagged-frames.js';

const HLS = ['-protocol_whitelist', 'file', '-allowed_extensions', 'ALL'];
const SAMPLE_RATE = 48_000;
const LOUD = 4000;

/** Picture numbers of every frame that a media playlist delivers, in order. */
export async function decodeTags(playlist: string): Promise<number[]> {
  const raw = ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-'];
  return readTags(
    await runTool('ffmpeg', ['-v', 'error', ...HLS, '-i', playlist, '-vf', TAG_FILTER, ...raw]),
  );
}

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

/** Picture numbers of the thumbnails of each sheet, from left to right. One run for all: to start it takes longest. */
export async function decodeSheets(sheets: readonly Sheet[]): Promise<number[][]> {
  const widest = Math.max(...sheets.map(({ columns, tile }) => columns * tile.width));
  const rowOf = ({ tile }: Sheet): string =>
    `format=gray,crop=iw:1:0:${Math.floor(tile.height / 12)},setsar=1,pad=${widest}:1`;
  const rows = sheets.map((sheet, n) => `[${n}:v]${rowOf(sheet)}[v${n}]`);
  const graph = `${rows.join(';')};${sheets.map((_, n) => `[v${n}]`).join('')}concat=n=${sheets.length}[out]`;
  const gray = await runTool('ffmpeg', [
    ...['-v', 'error', ...sheets.flatMap(({ file }) => ['-i', file])],
    ...['-filter_complex', graph, '-map', '[out]', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
  ]);
  return sheets.map((sheet, n) => tagsOfRow(gray.subarray(n * widest), sheet));
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

/** Times at which a beep begins, seconds. */
export async function decodeBeeps(playlist: string): Promise<number[]> {
  const raw = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', '-'];
  const bytes = await runTool('ffmpeg', ['-v', 'error', ...HLS, '-i', playlist, ...raw]);
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
