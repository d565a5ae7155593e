import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultSound, SECONDS, type CorpusSource } from './corpus.js';
import { runTool } from './run-tool.js';
import { FRAME_HEIGHT, FRAME_WIDTH, writeTaggedFrames } from './tagged-frames.js';

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

/** Pictures for the longest source, at 60 a second. */
const rawFrames = (): Promise<string> =>
  once(path.join(cacheDir, 'frames.gray'), (file) => writeTaggedFrames(file, Math.ceil(SECONDS * 50)));

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
  const frames = await rawFrames();
  const sound = source.sound ?? defaultSound;
  const recipe = createHash('sha256').update(JSON.stringify([source.make, source.fps, sound, source.turn]));
  const dir = path.join(cacheDir, recipe.digest('hex').slice(0, 12));
  const input = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${FRAME_WIDTH}x${FRAME_HEIGHT}`];
  return once(path.join(dir, source.file), async (file) => {
    await runTool('ffmpeg', [
      ...['-v', 'error', '-y', ...input, '-r', source.fps ?? '30', '-t', String(SECONDS), '-i', frames],
      ...['-f', 'lavfi', '-i', sound, '-f', 'lavfi', '-i', 'color=c=red:s=64x64:d=0.04'],
      ...source.make,
      file,
    ]);
    if (source.turn) await turnQuarter(file, FRAME_HEIGHT);
  });
}
