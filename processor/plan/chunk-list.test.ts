import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkList, STARTING_RAMP } from './chunk-list.js';

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

  it('starts with chunks that are ready before a viewer who started at once has got to them', () => {
    const ramp = { frameCount: 3000, segmentFrames: 100, segmentsPerChunk: 6, ramp: STARTING_RAMP };
    const chunks = chunkList(ramp);
    expect(chunks.map(({ endFrame }) => endFrame).slice(0, 7)).toEqual([
      100, 200, 400, 700, 1100, 1700, 2300,
    ]);
    // Frames published ahead of the viewer, while the next chunk is made at 1.8 times real time.
    let ahead = 0;
    chunks.forEach(({ startFrame, endFrame }, index) => {
      const length = endFrame - startFrame;
      if (index > 0) ahead -= length / 1.8;
      expect(ahead).toBeGreaterThanOrEqual(0);
      ahead += length;
    });
  });

  it('never makes a starting chunk longer than the others', () => {
    const chunks = chunkList({
      frameCount: 700,
      segmentFrames: 100,
      segmentsPerChunk: 2,
      ramp: STARTING_RAMP,
    });
    expect(chunks.map(({ endFrame }) => endFrame)).toEqual([100, 200, 400, 600, 700]);
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
