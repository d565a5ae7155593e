import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkList } from './chunk-list.js';

const ends = (frameCount: number, segmentFrames = 100, segmentsPerChunk = 6): number[] =>
  chunkList({ frameCount, segmentFrames, segmentsPerChunk }).map(({ endFrame }) => endFrame);

describe('chunkList', () => {
  it('opens with a single segment', () => {
    expect(ends(1300)).toEqual([100, 700, 1300]);
  });

  it('lets a tail shorter than half a segment join the chunk before it', () => {
    expect(ends(749)).toEqual([100, 749]);
    expect(ends(750)).toEqual([100, 700, 750]);
    expect(ends(149)).toEqual([149]);
    expect(ends(1)).toEqual([1]);
  });

  it('covers the film once, in whole segments', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        (frameCount, segmentFrames, segmentsPerChunk) => {
          const chunks = chunkList({ frameCount, segmentFrames, segmentsPerChunk });
          expect(chunks.at(-1)?.endFrame).toBe(frameCount);
          chunks.forEach((chunk, index) => {
            expect(chunk.index).toBe(index);
            expect(chunk.startFrame).toBe(chunks[index - 1]?.endFrame ?? 0);
            expect(chunk.startFrame % segmentFrames).toBe(0);
            expect(chunk.endFrame).toBeGreaterThan(chunk.startFrame);
          });
        },
      ),
      { numRuns: 40 },
    );
  });
});
