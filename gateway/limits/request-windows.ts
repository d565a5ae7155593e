import { LRUCache } from 'lru-cache';

/** What all gateways have counted of one sender in the span of time that runs. */
export interface SharedCount {
  total: number;
  /** Until the span ends, milliseconds. */
  msLeft: number;
}

/** Counts requests by sender, within spans of time. */
export interface RequestWindows {
  /** Counts one request, unless its sender has had `max` in this span: then answers the seconds it has left. */
  take(key: string, max: number): number | undefined;
}

interface Window {
  endsAt: number;
  /** Requests of all gateways, as far as this one knows. */
  total: number;
  /** Those of this gateway that the others do not know of yet. */
  unshared: number;
  isSharing: boolean;
}

/** Part of a sender's requests that a gateway lets pass before it tells the others, and learns of theirs. */
const BATCH = 1 / 10;
const MAX_SENDERS = 50_000;

/**
 * Decides in memory, and shares what it has counted a tenth of `max` at a time. So no request waits for the
 * database, one of ten at most writes to it, and n gateways let pass n tenths too many at most, and what
 * arrives while they ask. Where the database does not answer, each gateway counts alone.
 */
export function createRequestWindows(deps: {
  /** Adds to what all gateways have counted of a sender. */
  share: (key: string, count: number) => Promise<SharedCount>;
  /** Length of the span. */
  windowMs: number;
  onError: (err: unknown) => void;
  now?: () => number;
}): RequestWindows {
  const now = deps.now ?? Date.now;
  const windows = new LRUCache<string, Window>({ max: MAX_SENDERS });

  function current(key: string): Window {
    const known = windows.get(key);
    if (known && known.endsAt > now()) return known;
    const fresh = { endsAt: now() + deps.windowMs, total: 0, unshared: 0, isSharing: false };
    windows.set(key, fresh);
    return fresh;
  }

  async function share(key: string, window: Window): Promise<void> {
    const count = window.unshared;
    window.isSharing = true;
    window.unshared = 0;
    try {
      const { total, msLeft } = await deps.share(key, count);
      window.total = total + window.unshared;
      window.endsAt = now() + msLeft;
    } catch (err) {
      window.unshared += count;
      deps.onError(err);
    } finally {
      window.isSharing = false;
    }
  }

  return {
    take(key, max) {
      const window = current(key);
      if (window.total >= max) return Math.max(1, Math.ceil((window.endsAt - now()) / 1000));
      window.total += 1;
      window.unshared += 1;
      if (window.unshared >= max * BATCH && !window.isSharing) void share(key, window);
      return undefined;
    },
  };
}
