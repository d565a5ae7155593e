import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChunkResult } from '../../schema/transcode-plan.js';
import { planFixture, resultFixture } from '../../test/media/probe-fixture.js';
import { isComplete, leadChunks, publishedPrefix } from './published-prefix.js';

const plan = planFixture();
const low = ['v480', 'v360', 'v240', 'a0'];
const high = ['v1080', 'v720'];
const all = (index: number): ChunkResult => resultFixture(plan, index);
const lead = (index: number): ChunkResult => resultFixture(plan, index, { part: 'LEAD', names: low });
const rest = (index: number): ChunkResult => resultFixture(plan, index, { part: 'REST', names: high });

const lengths = (results: ChunkResult[]): Record<string, number> =>
  Object.fromEntries([...publishedPrefix(plan, results)].map(([name, chunks]) => [name, chunks.length]));

describe('publishedPrefix', () => {
  it('counts a chunk for the tracks whose part is done', () => {
    expect(lengths([lead(0), all(1)])).toEqual({ v1080: 0, v720: 0, v480: 2, v360: 2, v240: 2, a0: 2 });
    expect(lengths([lead(0), all(1), rest(0)])).toMatchObject({ v1080: 2, v480: 2 });
  });

  it('stops at the first gap', () => {
    expect(lengths([all(0), all(2), all(3)])).toMatchObject({ v1080: 1, a0: 1 });
    expect(lengths([all(1)])).toMatchObject({ v1080: 0 });
  });

  it('stops before a chunk whose init segment is another', () => {
    const other = resultFixture(plan, 1, { init: 'other' });
    expect(lengths([all(0), other, all(2)])).toMatchObject({ v480: 1, a0: 1 });
  });

  it('is the same whatever the order, and never shrinks', () => {
    const parts = [0, 1, 2, 3].flatMap((index) => [lead(index), rest(index)]);
    fc.assert(
      fc.property(fc.shuffledSubarray(parts), (done) => {
        const found = lengths(done);
        expect(lengths([...done].reverse())).toEqual(found);
        for (const [name, length] of Object.entries(lengths(done.slice(1))))
          expect(found[name]).toBeGreaterThanOrEqual(length);
      }),
    );
  });

  it('knows when playback can start, and when it is all there', () => {
    expect(leadChunks(plan, publishedPrefix(plan, [rest(0)]))).toBe(0);
    expect(leadChunks(plan, publishedPrefix(plan, [lead(0)]))).toBe(1);
    const everything = [all(0), all(1), all(2), lead(3)];
    expect(isComplete(plan, publishedPrefix(plan, everything))).toBe(false);
    expect(isComplete(plan, publishedPrefix(plan, [...everything, rest(3)]))).toBe(true);
  });
});
