import type { BlobContainer } from '../../platform/blob.js';

/** Writes playlists so that a newer one is never replaced by an older one, whoever is slower. */
export interface PlaylistStore {
  /**
   * Stores `text` unless the stored version is at least `version`. Returns whether it was stored.
   * Versions must grow with the content.
   */
  write(name: string, text: string, version: number, signal?: AbortSignal): Promise<boolean>;
}

/** Lost races in a row before giving up; each one means that somebody else made progress. */
const MAX_RACES = 50;

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

export function createPlaylistStore(deps: { container: BlobContainer }): PlaylistStore {
  return {
    async write(name, text, version, signal) {
      for (let race = 0; race < MAX_RACES; race += 1) {
        const stored = await deps.container.properties(name, signal);
        if (stored && Number(stored.metadata['version']) >= version) return false;
        const written = await deps.container.put(name, Buffer.from(text), {
          contentType: PLAYLIST_TYPE,
          metadata: { version: String(version) },
          ifMatch: stored ? stored.etag : null,
          signal,
        });
        if (written) return true;
      }
      throw new Error(`gave up writing ${name}: it changed ${MAX_RACES} times meanwhile`);
    },
  };
}
