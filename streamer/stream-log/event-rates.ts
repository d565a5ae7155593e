import { LRUCache } from 'lru-cache';
import { addressBlock } from '../../platform/address-block.js';
import { AppError } from '../../schema/errors.js';

/** How many reports of players are taken. */
export interface EventRates {
  /** @throws AppError RATE_LIMITED (retryAfterSeconds) */
  take(address: string): void;
}

/** Reports from one address in one span of time: a company's viewers, each a few seconds apart. */
export const MAX_EVENTS = 300;
const WINDOW_MS = 10_000;

const MAX_ADDRESSES = 10_000;

/** Counts in the memory of this process. */
export function createEventRates({ now = Date.now }: { now?: () => number } = {}): EventRates {
  const windows = new LRUCache<string, { endsAt: number; count: number }>({ max: MAX_ADDRESSES });

  return {
    take(address) {
      const block = addressBlock(address);
      const at = now();
      const known = windows.get(block);
      const window = known && known.endsAt > at ? known : { endsAt: at + WINDOW_MS, count: 0 };
      window.count += 1;
      windows.set(block, window);
      if (window.count > MAX_EVENTS)
        throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil((window.endsAt - at) / 1_000) });
    },
  };
}
