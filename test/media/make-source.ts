import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readBuild } from '../../processor/transcode/check-ffmpeg.js';
import { ingredients, type CorpusSource } from './corpus.js';
import { runTool } from './run-tool.js';
import { writeTaggedFrames, type FrameSize } from './tagged-frames.js';

/** Sources are made once a machine; a changed recipe makes a new file. */
const cacheDir = path.join(tmpdir(), 'stream-plus-media');

const there = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Makes a file unless it is there, so that nobody ever sees half of one. */
async function once(file: string, make: (partial: string) => Promise<void>): Promise<string> {
  if (await there(file)) return file;
  await mkdir(path.dirname(file), { recursive: true });
  const partial = path.join(path.dirname(file), `.${process.pid}.${path.basename(file)}`);
  await make(partial);
  await rename(partial, file);
  return file;
}

const rawFrames = (frames: number, size: FrameSize): Promise<string> =>
  once(path.join(cacheDir, `${size.width}x${size.height}x${frames}.gray`), (file) =>
    writeTaggedFrames(file, frames, size),
  );

/** Display matrix for a quarter turn (ISO/IEC 14496-12 section 6.2.2), as phones write it into `tkhd`. */
async function turnQuarter(file: string, width: number): Promise<void> {
  const bytes = await readFile(file);
  const matrix = bytes.indexOf('tkhd') + 4 + 40;
  const values = [0, 0x10000, 0, -0x10000, 0, 0, width << 16, 0, 0x40000000];
  values.forEach((value, index) => bytes.writeInt32BE(value, matrix + 4 * index));
  await writeFile(file, bytes);
}

/** Path of a source of the corpus, made if need be. */
export async function makeSource(source: CorpusSource): Promise<string> {
  const { frame, frames, beeps, seconds } = ingredients(source);
  const recipe = createHash('sha256').update(
    JSON.stringify([source.make, source.fps, source.turn, beeps, seconds]),
  );
  const dir = path.join(cacheDir, recipe.digest('hex').slice(0, 12));
  return once(path.join(dir, source.file), async (file) => {
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${frame.width}x${frame.height}`];
    await runTool('ffmpeg', [
      ...['-v', 'error', '-y', ...raw, '-r', source.fps ?? '30', '-t', String(seconds)],
      ...['-i', await rawFrames(frames, frame), '-f', 'lavfi', '-i', beeps],
      ...['-f', 'lavfi', '-i', 'color=c=red:s=16x16:d=0.04'],
      ...source.make,
      file,
    ]);
    if (source.turn) await turnQuarter(file, frame.height);
  });
}

/** Tells which encoders this machine's FFmpeg lacks to make a source: such a source cannot be tested here. */
export async function missingEncoders(): Promise<(source: CorpusSource) => string[]> {
  const printed = (await runTool('ffmpeg', ['-v', 'error', '-encoders'])).toString();
  const encoders = readBuild('ffmpeg version any', printed)?.encoders ?? [];
  return ({ make }) =>
    make.filter((name, index) => /^-c:[va]$/.test(make[index - 1] ?? '') && !encoders.includes(name));
}
