import { LRUCache } from 'lru-cache';
import type { Logger } from '../platform/logger.js';

/** Notices that a generation may not be played any more, though its files may still be in memory. */
export interface GenerationWatch {
  /**
   * Whether the generation with this prefix is known to be gone, or its video withdrawn. Never waits: it asks for the
   * next time.
   */
  isGone(prefix: string): boolean;
}

interface Watched {
  gone: boolean;
  /** Epoch milliseconds. */
  checkDueAt: number;
  /** Storage is asked, and has not answered yet. */
  isChecking: boolean;
}

/** A deleted video stops playing within this time. */
const CHECK_EVERY_MS = 5_000;

/** Who comes first waits for storage to bring the file itself: nothing else is asked of it meanwhile. */
const FIRST_CHECK_AFTER_MS = 1_000;

const MAX_WATCHED = 10_000;

/**
 * Deleting a video removes its blobs, so a missing master playlist is the sign, or a mark beside its generations where
 * the blobs stay for a while: no database on this path. While storage fails, what was known last holds.
 */
export function createGenerationWatch(deps: {
  /** Whether the master playlist is there and the mark is not. */
  isPlayable: (prefix: string) => Promise<boolean>;
  log: Logger;
  now?: () => number;
}): GenerationWatch {
  const now = deps.now ?? Date.now;
  const generations = new LRUCache<string, Watched>({ max: MAX_WATCHED });

  async function check(prefix: string, watched: Watched): Promise<void> {
    watched.isChecking = true;
    try {
      watched.gone = !(await deps.isPlayable(prefix));
    } catch (err) {
      deps.log.warn({ err, prefix }, 'could not check whether the generation may still be played');
    } finally {
      watched.isChecking = false;
    }
  }

  return {
    isGone(prefix) {
      const at = now();
      const watched = generations.get(prefix);
      if (!watched) {
        generations.set(prefix, { gone: false, checkDueAt: at + FIRST_CHECK_AFTER_MS, isChecking: false });
        return false;
      }
      if (watched.checkDueAt <= at && !watched.isChecking) {
        watched.checkDueAt = at + CHECK_EVERY_MS;
        void check(prefix, watched);
      }
      return watched.gone;
    },
  };
}
