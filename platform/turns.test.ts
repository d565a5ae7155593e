import { describe, expect, it } from '@jest/globals';
import { createTurns } from './turns.js';

describe('turns', () => {
  it('are as many at a time as there may be, in order, also after one that failed', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
    const all = ends.map(({ promise }, n) =>
      turns.run(() => {
        begun.push(n);
        return promise;
      }),
    );
    expect([begun, turns.waiting]).toEqual([[0, 1], 2]);
    ends[1]?.reject(new Error('in vain'));
    await expect(all[1]).rejects.toThrow('in vain');
    expect([begun, turns.waiting]).toEqual([[0, 1, 2], 1]);
    for (const [n, { resolve }] of ends.entries()) resolve(n);
    expect(await Promise.all([all[0], all[2], all[3]])).toEqual([0, 2, 3]);
    expect([begun, turns.waiting]).toEqual([[0, 1, 2, 3], 0]);
  });
});
