import type { Logger } from '../../platform/logger.js';
import type { UploadService } from './upload-service.js';
import type { UploadStore } from './upload-store.js';

const BATCH = 20;

/**
 * Removes what is left of uploads whose receiver is gone, since gateways die and clean-ups fail. Resolves to of how
 * many it did.
 */
export function createAbandonedSweep(deps: {
  uploads: UploadStore;
  service: Pick<UploadService, 'discard'>;
  log: Logger;
}): () => Promise<number> {
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

  return async () => {
    const ids = await deps.uploads.listAbandoned(BATCH);
    const removed = await Promise.all(ids.map(remove));
    return removed.filter(Boolean).length;
  };
}
