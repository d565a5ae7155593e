import { setTimeout as delay } from 'node:timers/promises';
import { asError } from '../platform/as-error.js';
import { AppError } from '../schema/errors.js';
import { segmentCount, targetDuration } from './playlist-facts.js';
import type { Found, SegmentCache } from './segment-cache.js';

/** Answers to `_HLS_msn`: a playlist once it has a segment (draft-pantos-hls-rfc8216bis section 6.2.5.2). */
export interface BlockingReload {
  /**
   * The media playlist with this key when it has a segment with the Media Sequence Number `msn`, or has ended;
   * undefined where it is gone. One poll of storage serves all who wait for a playlist.
   * @throws AppError BAD_USER_INPUT where that is too far ahead; UNAVAILABLE where it takes longer than three target
   * durations, too many wait, storage fails or the streamer stops; the signal's reason on abort.
   */
  wait(key: string, msn: number, signal: AbortSignal): Promise<Found | undefined>;
}

interface Waiter {
  msn: number;
  /** Epoch milliseconds. */
  until: number;
  resolve: (found: Found | undefined) => void;
  reject: (error: Error) => void;
}

/** How often a playlist is looked at while somebody waits for it. */
const POLL_MS = 500;

/** Each is a connection and some kilobytes. */
const MAX_WAITERS = 5_000;

/** Segments after the last one that may be waited for. */
const MAX_AHEAD = 2;

const TARGET_DURATIONS = 3;
/** Of a playlist that does not say. */
const USUAL_TARGET_SECONDS = 4;

export function createBlockingReload(deps: {
  files: Pick<SegmentCache, 'recall' | 'load'>;
  stopping: AbortSignal;
  now?: () => number;
  maxWaiters?: number;
  /** Resolves after as many milliseconds; rejects on abort. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}): BlockingReload {
  const { files, stopping, now = Date.now, maxWaiters = MAX_WAITERS } = deps;
  const { sleep = (ms, signal) => delay(ms, undefined, { signal }) } = deps;
  const playlists = new Map<string, Set<Waiter>>();
  let waiting = 0;

  const look = async (key: string, signal: AbortSignal) =>
    files.recall(key) ?? (await files.load(key, 'media', signal));

  /** Polls until nobody waits any more, each of them answered. */
  async function poll(key: string, waiters: Set<Waiter>): Promise<void> {
    try {
      while (waiters.size > 0) {
        await sleep(POLL_MS, stopping);
        if (waiters.size === 0) break;
        const found = await look(key, stopping).catch((error: unknown) => asError(error));
        settle(waiters, found, now());
      }
    } catch {
      for (const { reject } of waiters) reject(new AppError('UNAVAILABLE'));
    } finally {
      playlists.delete(key);
    }
  }

  function join(key: string, waiter: Waiter): Set<Waiter> {
    const others = playlists.get(key);
    if (others) return others.add(waiter);
    const waiters = new Set([waiter]);
    playlists.set(key, waiters);
    void poll(key, waiters);
    return waiters;
  }

  function waitFor(key: string, wanted: Pick<Waiter, 'msn' | 'until'>, signal: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<Found | undefined>();
    const waiter: Waiter = { ...wanted, resolve, reject };
    const onAbort = () => reject(asError(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    const waiters = join(key, waiter);
    waiting += 1;
    return promise.finally(() => {
      waiting -= 1;
      waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    });
  }

  return {
    async wait(key, msn, signal) {
      const found = await look(key, signal);
      if (!found || msn < segmentsOf(found)) return found;
      const body = found.file.body.bytes();
      if (msn > segmentCount(body) - 1 + MAX_AHEAD) {
        throw new AppError('BAD_USER_INPUT', { field: '_HLS_msn', message: 'The segment is too far ahead.' });
      }
      if (waiting >= maxWaiters || stopping.aborted) throw new AppError('UNAVAILABLE');
      signal.throwIfAborted();
      const seconds = TARGET_DURATIONS * targetDuration(body, USUAL_TARGET_SECONDS);
      return waitFor(key, { msn, until: now() + seconds * 1000 }, signal);
    },
  };
}

/** Segments that nobody has to wait for: of a film that has ended, all that there will ever be. */
const segmentsOf = ({ file }: Found): number => (file.final ? Infinity : segmentCount(file.body.bytes()));

/** Answers those who have waited for this, or long enough. */
function settle(waiters: Set<Waiter>, found: Found | undefined | Error, at: number): void {
  const failure = found instanceof Error ? found : undefined;
  const playlist = found instanceof Error ? undefined : found;
  const segments = failure ? 0 : playlist ? segmentsOf(playlist) : Infinity;
  for (const waiter of waiters) {
    if (waiter.msn < segments) waiter.resolve(playlist);
    else if (waiter.until <= at) waiter.reject(failure ?? new AppError('UNAVAILABLE'));
    else continue;
    waiters.delete(waiter);
  }
}
