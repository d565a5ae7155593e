import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { AdminStats } from './admin-types.js';
import { createStatsTicker } from './stats-ticker.js';

/** Statistics that count how often they were read, told by a source that a test can hold up. */
function withSource(everyMs = 1) {
  let reads = 0;
  const waiting: (() => void)[] = [];
  const ticker = createStatsTicker({
    source: {
      read() {
        reads += 1;
        waiting.splice(0).forEach((wake) => wake());
        if (reads === 2) return Promise.reject(new Error('down'));
        return Promise.resolve({ deadLetters: reads } as AdminStats);
      },
    },
    log: pino({ level: 'silent' }),
    everyMs,
  });
  return {
    ticker,
    reads: () => reads,
    untilRead: async (count: number): Promise<void> => {
      while (reads < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

const count = async (events: AsyncIterator<AdminStats, undefined>) =>
  (await events.next()).value?.deadLetters;

describe('the ticker of statistics', () => {
  it('reads nothing until somebody follows, and goes on after a failure', async () => {
    const { ticker, reads } = withSource();
    expect(reads()).toBe(0);
    const events = ticker.subscribe();
    expect(await count(events)).toBe(1);
    expect(await count(events)).toBeGreaterThanOrEqual(3);
    await events.return?.();
  });

  it('reads once for all followers', async () => {
    const { ticker, reads } = withSource(60_000);
    const followers = [ticker.subscribe(), ticker.subscribe(), ticker.subscribe()];
    expect(await Promise.all(followers.map(count))).toEqual([1, 1, 1]);
    const late = ticker.subscribe();
    expect(await count(late)).toBe(1);
    expect([reads(), ticker.size]).toEqual([1, 4]);
    for (const events of [...followers, late]) await events.return?.();
    expect(ticker.size).toBe(0);
  });

  it('gives a slow follower the latest alone', async () => {
    const { ticker, untilRead } = withSource();
    const events = ticker.subscribe();
    await untilRead(10);
    expect(await count(events)).toBeGreaterThanOrEqual(9);
    await events.return?.();
  });

  it('stops with the last follower, whose wait ends, and starts anew with the next', async () => {
    const { ticker, reads } = withSource(60_000);
    const events = ticker.subscribe();
    expect(await count(events)).toBe(1);
    const waiting = events.next();
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(reads()).toBe(1);
    const next = ticker.subscribe();
    expect(reads()).toBe(2);
    await next.return?.();
  });
});
