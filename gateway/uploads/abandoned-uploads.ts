import type { Logger } from '../../platform/logger.js';
import type { UploadService } from './upload-service.js';
import type { UploadStore } from './upload-store.js';

const EVERY_MS = 60_000;
const BATCH = 20;

export interface AbandonedUploads {
  /** Removes what is left of uploads whose receiver is gone. Returns how many. */
  sweep(): Promise<number>;
  /** Sweeps once a minute until `signal` aborts. */
  start(signal: AbortSignal): void;
}

/** Cleans up after gateways that died, and after clean-ups that failed. */
export function createAbandonedUploads(deps: {
  uploads: UploadStore;
  service: Pick<UploadService, 'discard'>;
  log: Logger;
}): AbandonedUploads {
  async function sweep(): Promise<number> {
    const ids = await deps.uploads.listAbandoned(BATCH);
    const removed = await Promise.all(ids.map(remove));
    return removed.filter(Boolean).length;
  }

  async function remove(videoId: string): Promise<boolean> {
    try {
      await deps.service.discard(videoId);
      deps.log.info({ videoId }, 'abandoned upload removed');
      return true;
    } catch (err) {
      deps.log.warn({ err, videoId }, 'abandoned upload not removed yet');
      return false;
    }
  }

  return {
    sweep,
    start(signal) {
      const timer = setInterval(() => {
        sweep().catch((err: unknown) => deps.log.warn({ err }, 'abandoned uploads not swept'));
      }, EVERY_MS);
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
  };
}
