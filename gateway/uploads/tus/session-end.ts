import { type BlobContainer } from '../../../platform/blob.js';
import { sourceKey } from '../../../schema/blob-paths.js';
import { UploadStatus } from '../../../schema/enums.js';
import type { AppError } from '../../../schema/errors.js';
import { SessionKind, SessionState, type UploadSession } from '../../../schema/upload-session.js';
import type { Arrivals } from './arrivals.js';
import type { SessionStore } from './session-store.js';

/** How uploads in several requests end without being received, and how what is left of them goes. */
export interface SessionEnds {
  /** Ends an upload and its video, unless it is received; nothing of it is left in storage. */
  end(session: UploadSession, why: AppError | 'EXPIRED'): Promise<void>;
  /** Removes what an ended upload may have left in storage. */
  clean(session: UploadSession): Promise<void>;
}

export function createSessionEnds(deps: {
  sessions: Pick<SessionStore, 'end' | 'forget' | 'findMany'>;
  blobs: Pick<BlobContainer, 'discardBlocks'>;
  arrivals: Pick<Arrivals, 'fail' | 'statusOf'>;
}): SessionEnds {
  const { sessions, blobs, arrivals } = deps;

  /** Where it may have left something; the source of a video that was received after all is not ours to remove. */
  async function leftovers({ kind, videoId, blobKey }: UploadSession): Promise<string[]> {
    if (videoId === undefined) return [blobKey];
    const isReceived = (await arrivals.statusOf(videoId)) === UploadStatus.RECEIVED;
    return [...(kind === SessionKind.BLOB ? [blobKey] : []), ...(isReceived ? [] : [sourceKey(videoId)])];
  }

  async function clean(session: UploadSession): Promise<void> {
    for (const key of await leftovers(session)) await blobs.discardBlocks(key);
    for (const part of await sessions.findMany(session.parts ?? [])) {
      await sessions.end(part._id);
      await clean(part);
    }
    await sessions.forget(session._id);
  }

  return {
    clean,
    async end({ _id: id }, why) {
      const session = await sessions.end(id);
      if (!session) return;
      if (session.state === SessionState.OPEN && session.videoId !== undefined)
        await arrivals.fail(session.videoId, why, session.offset);
      await clean(session);
    },
  };
}
