import type { BlobContainer } from '../platform/blob.js';
import type { Database } from '../platform/mongo.js';
import { ApiKey } from '../schema/api-key.js';
import { AuditEntry } from '../schema/audit-entry.js';
import { BlobRemoval } from '../schema/blob-removal.js';
import { DeadLetter } from '../schema/dead-letter.js';
import { DeletedVideo } from '../schema/deleted-video.js';
import { DispatchClock, Flow } from '../schema/dispatch-state.js';
import { IdempotencyKey } from '../schema/idempotency-key.js';
import { Installation } from '../schema/installation.js';
import { Invitation } from '../schema/invitation.js';
import { Job } from '../schema/job.js';
import { Membership } from '../schema/membership.js';
import { Organization } from '../schema/organization.js';
import { PlaybackRevocation } from '../schema/playback-revocation.js';
import { ClosedDay, PlaybackDay, VideoDay } from '../schema/playback-day.js';
import { PlaybackSession } from '../schema/playback-session.js';
import { Project } from '../schema/project.js';
import { SignInCode } from '../schema/sign-in-code.js';
import { Session } from '../schema/session.js';
import { SigningKey } from '../schema/signing-key.js';
import { User } from '../schema/user.js';
import { RateCount } from '../schema/rate-count.js';
import { UploadEntry } from '../schema/upload-entry.js';
import { UploadLock } from '../schema/upload-lock.js';
import { UploadSession } from '../schema/upload-session.js';
import { Video } from '../schema/video.js';
import { Worker } from '../schema/worker.js';

/** Creates what is missing of indexes and containers; each process may do it again. */
export async function prepareStorage(deps: {
  db: Database;
  containers: readonly BlobContainer[];
}): Promise<void> {
  const people = [ApiKey, AuditEntry, Installation, Invitation, Membership, Organization, Project, User];
  const access = [RateCount, Session, SignInCode, SigningKey];
  const playback = [ClosedDay, PlaybackDay, PlaybackSession, VideoDay];
  const work = [
    BlobRemoval,
    DeadLetter,
    DeletedVideo,
    DispatchClock,
    Flow,
    IdempotencyKey,
    Job,
    PlaybackRevocation,
    UploadEntry,
    UploadLock,
    UploadSession,
    Video,
    Worker,
  ];
  const containers = deps.containers.map((container) => container.ensure());
  await Promise.all([deps.db.ensureIndexes([...people, ...access, ...playback, ...work]), ...containers]);
}
