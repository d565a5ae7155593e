import { describe, expect, it } from '@jest/globals';
import { cached } from './cached.js';

function counting() {
  let time = 0;
  let loads = 0;
  const pending: PromiseWithResolvers<number>[] = [];
  const read = cached(
    () => {
      const load = Promise.withResolvers<number>();
      pending.push(load);
      loads += 1;
      return load.promise;
    },
    { maxAgeMs: 100, now: () => time },
  );
  return {
    read,
    loads: () => loads,
    answer: (value: number) => pending.shift()?.resolve(value),
    fail: () => pending.shift()?.reject(new Error('down')),
    pass: (ms: number) => (time += ms),
  };
}

describe('a cached value', () => {
  it('is loaded once for all who ask at the same time, however long that takes', async () => {
    const { read, loads, answer, pass } = counting();
    const first = read();
    pass(1_000);
    const second = read();
    answer(7);
    expect(await Promise.all([first, second])).toEqual([7, 7]);
    expect(loads()).toBe(1);
  });

  it('is kept for its age from when it came, and no longer', async () => {
    const { read, loads, answer, pass } = counting();
    const first = read();
    pass(50);
    answer(1);
    await first;
    pass(99);
    expect(await read()).toBe(1);
    pass(1);
    const next = read();
    answer(2);
    expect(await next).toBe(2);
    expect(loads()).toBe(2);
  });

  it('is loaded again after a failure', async () => {
    const { read, answer, fail } = counting();
    const first = read();
    fail();
    await expect(first).rejects.toThrow('down');
    const next = read();
    answer(3);
    expect(await next).toBe(3);
  });
});
