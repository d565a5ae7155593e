import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../platform/logger.js';
import type { ProgressHub } from './progress-hub.js';
import type { ProgressReader } from './progress-reader.js';

const EVERY_MS = 2_000;
/** A watched video that was silent for this long is looked up. */
const QUIET_MS = 3_000;
const MAX_VIDEOS = 1_000;
/** Clocks of processors and the time a write takes to be seen may differ by this much. */
const OVERLAP_MS = 15_000;

export interface ProgressHealer {
  /** Looks up once what watchers may have missed. */
  heal(): Promise<void>;
  /** Heals every two seconds; resolves when `signal` has aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** Messages may be lost or late; the database has what they would have said. */
export function createProgressHealer(deps: {
  hub: ProgressHub;
  reader: ProgressReader;
  log: Logger;
  everyMs?: number;
  quietMs?: number;
}): ProgressHealer {
  const { hub, reader, log } = deps;

  async function heal(): Promise<void> {
    const { videoIds, projectIds } = hub.takeStale(deps.quietMs ?? QUIET_MS, MAX_VIDEOS);
    await Promise.all([healVideos(videoIds), healProjects(projectIds)]);
  }

  async function healVideos(videoIds: string[]): Promise<void> {
    if (videoIds.length === 0) return;
    const found = await reader.ofVideos(videoIds);
    for (const message of found) hub.publish(message);
    const existing = new Set(found.map(({ event }) => event.videoId));
    for (const videoId of videoIds) if (!existing.has(videoId)) hub.forget(videoId);
  }

  async function healProjects(projectIds: string[]): Promise<void> {
    if (projectIds.length === 0) return;
    const since = new Date(Date.now() - OVERLAP_MS);
    const changed = await reader.changedSince(projectIds, since, MAX_VIDEOS);
    for (const message of changed) hub.publish(message);
  }

  return {
    heal,
    async run(signal) {
      while (!signal.aborted) {
        await heal().catch((err: unknown) => log.warn({ err }, 'progress not healed; trying again'));
        await delay(deps.everyMs ?? EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}
