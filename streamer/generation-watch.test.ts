import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createGenerationWatch } from './generation-watch.js';

function fixture() {
  const state = {
    exists: true,
    fails: false,
    hangs: undefined as Promise<boolean> | undefined,
    checks: 0,
    now: 1_000,
  };
  const watch = createGenerationWatch({
    isPlayable: () => {
      state.checks += 1;
      if (state.hangs) return state.hangs;
      return state.fails ? Promise.reject(new Error('down')) : Promise.resolve(state.exists);
    },
    log: pino({ level: 'silent' }),
    now: () => state.now,
  });
  /** Asks, then lets the check that this may have begun come to its end. */
  const ask = async () => {
    const gone = watch.isGone('video_a/1/');
    await setImmediate();
    return gone;
  };
  return { state, ask };
}

describe('the generation watch', () => {
  it('looks once per interval, however often it is asked', async () => {
    const { state, ask } = fixture();
    for (let i = 0; i < 10; i += 1) expect(await ask()).toBe(false);
    expect(state.checks).toBe(0);
    for (const [afterMs, checks] of [
      [1_000, 1],
      [4_999, 1],
      [1, 2],
    ] as const) {
      state.now += afterMs;
      for (let i = 0; i < 10; i += 1) expect(await ask()).toBe(false);
      expect(state.checks).toBe(checks);
    }
  });

  it('tells of a deleted generation after the next look', async () => {
    const { state, ask } = fixture();
    await ask();
    state.exists = false;
    state.now += 5_000;
    await ask();
    expect(await ask()).toBe(true);
  });

  it('asks storage no more while that has not answered', async () => {
    const { state, ask } = fixture();
    await ask();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    state.hangs = promise;
    for (let n = 0; n < 10; n += 1) {
      state.now += 5_000;
      await ask();
    }
    expect(state.checks).toBe(1);
    resolve(false);
    await ask();
    expect(await ask()).toBe(true);
    expect(state.checks).toBe(2);
  });

  it('keeps what it knew while storage fails', async () => {
    const { state, ask } = fixture();
    await ask();
    state.fails = true;
    state.now += 5_000;
    await ask();
    expect(await ask()).toBe(false);
  });
});
