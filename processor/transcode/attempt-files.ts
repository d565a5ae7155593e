import type { BlobContainer, PutOptions } from '../../platform/blob.js';

/** What one attempt of a chunk has stored: named by nothing until the attempt counts. */
export interface AttemptFiles {
  put(name: string, body: Buffer, options: PutOptions): Promise<void>;
  /** Removes all of it. To be called when no `put` is under way. */
  remove(): Promise<void>;
}

export function createAttemptFiles(
  container: Pick<BlobContainer, 'put' | 'delete'>,
  prefix: string,
): AttemptFiles {
  // Also what seemed to fail: the answer may have been lost on its way back.
  const names = new Set<string>();
  return {
    async put(name, body, options) {
      names.add(prefix + name);
      await container.put(prefix + name, body, options);
    },
    async remove() {
      for (const name of names) await container.delete(name);
    },
  };
}
