import { writeFile } from 'node:fs/promises';

/** Size of the raw pictures that a test source is made of, gray, one byte a pixel. */
export interface FrameSize {
  width: number;
  height: number;
}

/** Every picture carries its number in this many black or white cells along its upper edge. */
export const TAG_CELLS = 16;

/** Picture number `n`: its number in binary on top, lowest bit first, a bar that wanders below. */
export function taggedFrame(n: number, { width, height }: FrameSize): Buffer {
  const strip = height / 6;
  const cellWidth = width / TAG_CELLS;
  const bar = (n * 5) % (width - cellWidth);
  const frame = Buffer.alloc(width * height, 90);
  for (let y = 0; y < strip; y += 1) {
    for (let cell = 0; cell < TAG_CELLS; cell += 1) {
      const start = y * width + cell * cellWidth;
      frame.fill((n >> cell) & 1 ? 235 : 16, start, start + cellWidth);
    }
  }
  for (let y = Math.ceil(strip * 1.5); y < height; y += 1) {
    frame.fill(200, y * width + bar, y * width + bar + cellWidth);
  }
  return frame;
}

/** Writes the pictures 0 to `count` - 1 one after the other. */
export async function writeTaggedFrames(file: string, count: number, size: FrameSize): Promise<void> {
  await writeFile(file, Buffer.concat(Array.from({ length: count }, (_, n) => taggedFrame(n, size))));
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
