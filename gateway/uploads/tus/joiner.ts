import type { BlobContainer } from '../../../platform/blob.js';
import { inOrderOf } from '../../../platform/mongo.js';
import type { Logger } from '../../../platform/logger.js';
import { createTurns } from '../../../platform/turns.js';
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
  /** Begins no more; resolves when nothing is being joined. */
  close(): Promise<void>;
}

/** Each takes three blocks of memory, and a share of the connection to storage. */
const AT_ONCE = 2;
/** What is beyond waits for a sweep. */
const MAX_WAITING = 100;

export function createJoiner(deps: {
  sessions: Pick<SessionStore, 'find' | 'findMany' | 'listUnjoined'>;
  blobs: Pick<BlobContainer, 'readBytes'>;
  locker: Pick<UploadLocker, 'tryWith' | 'with'>;
  writer: Pick<SessionWriter, 'write'>;
  ends: Pick<SessionEnds, 'end'>;
  log: Logger;
}): Joiner {
  const { sessions } = deps;
  const turns = createTurns(AT_ONCE);
  const begun = new Set<Promise<unknown>>();
  let isClosing = false;

  async function join(id: string): Promise<void> {
    const session = await sessions.find(id);
    if (session?.state !== SessionState.OPEN) return;
    const ids = session.parts ?? [];
    const parts = inOrderOf(ids, await sessions.findMany(ids)).filter((part) => part !== undefined);
    await deps.writer.write(id, readParts(deps.blobs, parts, session.offset), { offset: session.offset });
    for (const part of parts) await deps.ends.end(part, 'EXPIRED');
  }

  /** @param lock what its parts are joined under */
  function start({ _id: id, videoId }: UploadSession, lock: UploadLocker['with' | 'tryWith']): void {
    const work = turns
      .run(async () => isClosing || lock(id, () => join(id)))
      .catch((err: unknown) => deps.log.warn({ err, videoId }, 'parts of an upload not joined yet'))
      .finally(() => begun.delete(work));
    begun.add(work);
  }

  return {
    begin(session) {
      // Its sender may be looking at it already, which has the lock for a moment.
      if (turns.waiting < MAX_WAITING) start(session, deps.locker.with);
    },
    async resume() {
      if (begun.size >= AT_ONCE) return;
      // Where somebody has the lock, it is being joined.
      for (const session of await sessions.listUnjoined(AT_ONCE)) start(session, deps.locker.tryWith);
    },
    async close() {
      isClosing = true;
      await Promise.all(begun);
    },
  };
}
