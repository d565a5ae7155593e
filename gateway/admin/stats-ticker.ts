import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../platform/logger.js';
import type { AdminStats } from './admin-types.js';
import { createLatest, type Latest } from './latest.js';
import type { StatsSource } from './stats-source.js';

/** Live statistics: read once for all who follow them, and only while somebody does. */
export interface StatsTicker {
  /** Starts with the statistics of now; a slow reader gets the latest. Ends with `return`. */
  subscribe(): AsyncIterableIterator<AdminStats, undefined>;
  /** Open subscriptions. */
  readonly size: number;
}

const EVERY_MS = 1_000;

export function createStatsTicker(deps: {
  source: Pick<StatsSource, 'read'>;
  log: Logger;
  everyMs?: number;
}): StatsTicker {
  const followers = new Set<Latest<AdminStats>>();
  let running: AbortController | undefined;
  let latest: AdminStats | undefined;

  async function tick(signal: AbortSignal): Promise<void> {
    try {
      const stats = await deps.source.read();
      if (signal.aborted) return;
      latest = stats;
      for (const follower of followers) follower.offer(stats);
    } catch (err) {
      deps.log.warn({ err }, 'statistics not read; trying again');
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await tick(signal);
      await delay(deps.everyMs ?? EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  function leave(follower: Latest<AdminStats>): void {
    followers.delete(follower);
    if (followers.size > 0) return;
    running?.abort();
    running = undefined;
    latest = undefined;
  }

  return {
    subscribe() {
      const follower = createLatest<AdminStats>({ onEnd: () => leave(follower) });
      followers.add(follower);
      if (latest) follower.offer(latest);
      if (!running) {
        running = new AbortController();
        void run(running.signal);
      }
      return follower.values;
    },

    get size() {
      return followers.size;
    },
  };
}
