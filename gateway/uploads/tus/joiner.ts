import type { BlobContainer } from '../../../platform/blob.js';
import { inOrderOf } from '../../../platform/mongo.js';
import type { Logger } from '../../../platform/logger.js';
import { SessionState, type UploadSession } from '../../../schema/upload-session.js';
import { readParts } from './parts.js';
import type { SessionEnds } from './session-end.js';
import type { SessionStore } from './session-store.js';
import type { SessionWriter } from './session-writer.js';
import type { UploadLocker } from './upload-locker.js';

/** Makes files of their parts. Storage makes a blob only of blocks that were staged for it, so they are read. */
export interface Joiner {
  /** Joins in the background what a sender has asked for. */
  begin(session: UploadSession): void;
  /** Goes on where another process left off. */
  resume(): Promise<void>;
  /** Resolves when nothing is being joined. */
  settled(): Promise<void>;
}

/** Each takes three blocks of memory, and a share of the connection to storage. */
const AT_ONCE = 2;

export function createJoiner(deps: {
  sessions: Pick<SessionStore, 'find' | 'findMany' | 'listUnjoined'>;
  blobs: Pick<BlobContainer, 'readBytes'>;
  locker: Pick<UploadLocker, 'tryWith'>;
  writer: Pick<SessionWriter, 'write'>;
  ends: Pick<SessionEnds, 'end'>;
  log: Logger;
}): Joiner {
  const { sessions } = deps;
  const running = new Set<Promise<unknown>>();

  async function join(id: string): Promise<void> {
    const session = await sessions.find(id);
    if (session?.state !== SessionState.OPEN) return;
    const ids = session.parts ?? [];
    const parts = inOrderOf(ids, await sessions.findMany(ids)).filter((part) => part !== undefined);
    await deps.writer.write(id, readParts(deps.blobs, parts, session.offset), { offset: session.offset });
    for (const part of parts) await deps.ends.end(part, 'EXPIRED');
  }

  function begin({ _id: id, videoId }: UploadSession): void {
    if (running.size >= AT_ONCE) return;
    const work = deps.locker
      .tryWith(id, () => join(id))
      .catch((err: unknown) => deps.log.warn({ err, videoId }, 'parts of an upload not joined yet'))
      .finally(() => running.delete(work));
    running.add(work);
  }

  return {
    begin,
    async resume() {
      for (const session of await sessions.listUnjoined(AT_ONCE)) begin(session);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
