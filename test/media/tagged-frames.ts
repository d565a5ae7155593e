import { writeFile } from 'node:fs/promises';

/** Size of the raw pictures that every test source is made of, gray, one byte a pixel. */
export const FRAME_WIDTH = 384;
export const FRAME_HEIGHT = 216;
/** Every picture carries its number in this many black or white cells along its upper edge. */
export const TAG_CELLS = 16;
const STRIP_HEIGHT = FRAME_HEIGHT / 6;
const CELL_WIDTH = FRAME_WIDTH / TAG_CELLS;

/** Picture number `n`: its number in binary on top, lowest bit first, a bar that wanders below. */
export function taggedFrame(n: number): Buffer {
  const frame = Buffer.alloc(FRAME_WIDTH * FRAME_HEIGHT, 90);
  for (let cell = 0; cell < TAG_CELLS; cell += 1) {
    const level = (n >> cell) & 1 ? 235 : 16;
    for (let y = 0; y < STRIP_HEIGHT; y += 1) {
      frame.fill(level, y * FRAME_WIDTH + cell * CELL_WIDTH, y * FRAME_WIDTH + (cell + 1) * CELL_WIDTH);
    }
  }
  const bar = (n * 5) % (FRAME_WIDTH - 24);
  for (let y = STRIP_HEIGHT + 20; y < FRAME_HEIGHT - 20; y += 1) {
    frame.fill(200, y * FRAME_WIDTH + bar, y * FRAME_WIDTH + bar + 24);
  }
  return frame;
}

/** Writes the pictures 0 to `count` - 1 one after the other. */
export async function writeTaggedFrames(file: string, count: number): Promise<void> {
  await writeFile(file, Buffer.concat(Array.from({ length: count }, (_, n) => taggedFrame(n))));
}

/** A filter that shrinks decoded pictures to their tags, for `readTags`. */
export const TAG_FILTER = `crop=iw:ih/8:0:0,scale=${TAG_CELLS}:1:flags=area,format=gray`;

/** Picture numbers from what `TAG_FILTER` delivers as raw video. */
export function readTags(raw: Buffer): number[] {
  return Array.from({ length: Math.floor(raw.length / TAG_CELLS) }, (_, frame) => {
    let n = 0;
    for (let cell = 0; cell < TAG_CELLS; cell += 1) {
      if ((raw[frame * TAG_CELLS + cell] ?? 0) > 110) n |= 1 << cell;
    }
    return n;
  });
}
