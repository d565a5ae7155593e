import type { BlobContainer } from '../../platform/blob.js';
import type { Generations } from '../../platform/generations.js';
import type { Intake } from '../../platform/intake.js';
import type { KeyRing } from '../../platform/key-ring.js';
import type { Logger } from '../../platform/logger.js';
import type { Database } from '../../platform/mongo.js';
import type { UploadQuota } from '../../platform/quota/upload-quota.js';
import { AppError } from '../../schema/errors.js';
import type { ProjectStore } from '../projects/project-store.js';
import type { VideoStore } from '../videos/video-store.js';
import { createBlobCompletion } from './tickets/blob-completion.js';
import { createSessionOpener } from './tickets/session-opener.js';
import { TicketResolver } from './tickets/ticket-resolver.js';
import { createArrivals } from './tus/arrivals.js';
import { createJoiner } from './tus/joiner.js';
import { createLockStore } from './tus/lock-store.js';
import { createSessionEnds } from './tus/session-end.js';
import { createSessionStore } from './tus/session-store.js';
import { createSessionSweep } from './tus/session-sweep.js';
import { createSessionWriter } from './tus/session-writer.js';
import { createByteTaker } from './tus/take-bytes.js';
import { createTusCreation } from './tus/tus-creation.js';
import { createTusServer } from './tus/tus-server.js';
import { createTusStore } from './tus/tus-store.js';
import { createUploadLinks } from './tus/upload-links.js';
import { createUploadLocker, LOCK_LEASE_MS } from './tus/upload-locker.js';
import type { UploadProgress } from './upload-progress.js';

export interface SessionDeps {
  db: Database;
  blobs: BlobContainer;
  intake: Intake;
  quota: Pick<UploadQuota, 'storageLeft'>;
  generations: Pick<Generations, 'end' | 'announceEnd'>;
  progress: UploadProgress;
  projects: Pick<ProjectStore, 'find'>;
  videos: Pick<VideoStore, 'find'>;
  keyRing: KeyRing;
  publicGatewayUrl: string;
  maxUploadBytes: number;
  /** Those that are not the usual ones. */
  uploadBlockBytes?: number;
  log: Logger;
  onBytes?: (bytes: number) => void;
  onEnd?: (outcome: string) => void;
}

/** Everything behind uploads of more than one request, wired. */
export function createUploadSessions(deps: SessionDeps) {
  const { db, blobs, log, maxUploadBytes: maxBytes, uploadBlockBytes: blockBytes } = deps;
  const sessions = createSessionStore({ db });
  const store = createLockStore({ db, leaseMs: LOCK_LEASE_MS });
  const locker = createUploadLocker({ store, log });
  const links = createUploadLinks(deps);
  const arrivals = createArrivals(deps);
  const ends = createSessionEnds({ sessions, blobs, arrivals });
  const storageLeft = (organizationId: string) => deps.quota.storageLeft(organizationId);
  const written = { sessions, blobs, locker, arrivals, ends, storageLeft, maxBytes, blockBytes, log };
  const take = createByteTaker({ ...written, onBytes: deps.onBytes });
  const writer = createSessionWriter({ ...written, take, progress: deps.progress });
  const joiner = createJoiner({ ...written, writer });
  const opener = createSessionOpener({ intake: deps.intake, sessions, maxBytes });
  const creation = createTusCreation({ ...deps, sessions, opener, joiner, links, maxBytes });
  const completion = createBlobCompletion(written);

  return {
    resolver: new TicketResolver({ ...deps, sessions, opener, completion, links }),
    routes: {
      ...{ creation, maxBytes },
      server: createTusServer({
        ...{ locker, links, creation, maxBytes },
        store: createTusStore({ sessions, writer, arrivals, ends }),
      }),
    },
    sweep: createSessionSweep({ sessions, locker, ends, arrivals, joiner, log }),
    /** Breaks off what this process receives for a video that was ended. */
    breakOff: (videoId: string): void => writer.stop(videoId),
    /** Ends the upload of a video that was ended; what fails of it is done by the next sweep. */
    async end(videoId: string): Promise<void> {
      writer.stop(videoId);
      try {
        const session = await sessions.findOfVideo(videoId);
        if (session) await locker.with(session._id, () => ends.end(session, new AppError('STOPPED')));
      } catch (err) {
        log.warn({ err, videoId }, 'upload of a stopped video not cleaned up yet');
      }
    },
    /** Keeps what has arrived, and lets senders go on elsewhere. */
    async close(): Promise<void> {
      await Promise.all([joiner.close(), writer.close()]);
    },
  };
}
