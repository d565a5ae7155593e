import type { BlobContainer } from './blob.js';

/** A long film has thousands of files: one after the other they would take minutes. */
const DELETES_AT_ONCE = 32;

/** Deletes every blob below a prefix, or those of them that are `wanted`; returns how many. */
export async function deletePrefix(
  container: Pick<BlobContainer, 'list' | 'delete'>,
  prefix: string,
  wanted: (name: string) => boolean = () => true,
): Promise<number> {
  const blobs = container.list(prefix)[Symbol.asyncIterator]();
  let deleted = 0;
  async function deleteNext(): Promise<void> {
    for (let next = await blobs.next(); !next.done; next = await blobs.next()) {
      if (!wanted(next.value.name)) continue;
      await container.delete(next.value.name);
      deleted += 1;
    }
  }
  await Promise.all(Array.from({ length: DELETES_AT_ONCE }, deleteNext));
  return deleted;
}
