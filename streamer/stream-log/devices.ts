import { LRUCache } from 'lru-cache';
import type { Logger } from '../../platform/logger.js';
import type { Viewing } from './viewing.js';

/** Counts the devices that a viewer watches on. */
export interface Devices {
  /**
   * Whether a viewer who begins to watch does so on one of at most `max` devices; if so, this one counts from now on.
   * While the database does not answer, those that began here count alone.
   */
  admits(viewing: Viewing, max: number): Promise<boolean>;
}

/** A device that has asked for nothing for this long is not watched any more. */
export const ACTIVE_SECONDS = 30;
const ACTIVE_MS = ACTIVE_SECONDS * 1000;

/** Viewers whose devices have just begun. */
const MAX_VIEWERS = 20_000;

export function createDevices(deps: {
  /** Who watches, and on which device: keyed hashes. */
  identify: (viewing: Viewing) => { viewer: string; client: string };
  /** Devices on which a viewer has watched since then, on all streamers. */
  activeSince: (viewer: string, since: Date) => Promise<readonly string[]>;
  log: Logger;
  now?: () => number;
}): Devices {
  const { identify, activeSince, log, now = Date.now } = deps;
  /** When each device began, by viewer: the stream log hears of it a little later. */
  const begun = new LRUCache<string, Map<string, number>>({ max: MAX_VIEWERS });

  async function stored(viewer: string, since: number): Promise<readonly string[]> {
    try {
      return await activeSince(viewer, new Date(since));
    } catch (err) {
      log.warn({ err }, 'not known on which devices a viewer watches');
      return [];
    }
  }

  return {
    async admits(viewing, max) {
      const { viewer, client } = identify(viewing);
      const at = now();
      const known = [...(begun.get(viewer) ?? [])].filter(([, began]) => began > at - ACTIVE_MS);
      // Whoever comes while we ask the database finds this one.
      const mine = new Map(known).set(client, at);
      begun.set(viewer, mine);
      const others = new Set([...known.map(([other]) => other), ...(await stored(viewer, at - ACTIVE_MS))]);
      others.delete(client);
      if (others.size < max) return true;
      begun.get(viewer)?.delete(client);
      return false;
    },
  };
}
