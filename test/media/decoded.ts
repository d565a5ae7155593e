import { runTool } from './run-tool.js';
import { readTags, TAG_FILTER } from './tagged-frames.js';

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

/** Times at which a beep begins, seconds, and the length of the whole sound. */
export async function decodeBeeps(playlist: string): Promise<{ beeps: number[]; seconds: number }> {
  const raw = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', '-'];
  const bytes = await runTool('ffmpeg', ['-v', 'error', ...HLS, '-i', playlist, ...raw]);
  const beeps: number[] = [];
  let quietSince = -Infinity;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    if (Math.abs(bytes.readInt16LE(at)) < LOUD) continue;
    const sample = at / 2;
    if (sample - quietSince > SAMPLE_RATE / 4) beeps.push(sample / SAMPLE_RATE);
    quietSince = sample;
  }
  return { beeps, seconds: bytes.length / 2 / SAMPLE_RATE };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
