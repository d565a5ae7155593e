import type { Intake } from '../../../platform/intake.js';
import { intakeKey, sourceKey } from '../../../schema/blob-paths.js';
import { UploadStatus } from '../../../schema/enums.js';
import { AppError } from '../../../schema/errors.js';
import { newId } from '../../../schema/ids.js';
import type { Project } from '../../../schema/project.js';
import { UploadMethod } from '../../../schema/upload-entry.js';
import { SessionKind, type UploadSession } from '../../../schema/upload-session.js';
import type { Video } from '../../../schema/video.js';
import type { OperationOrigin } from '../../context.js';
import { displayFilename, displayText, titleOfFile } from '../../videos/display-text.js';
import { SESSION_MS, type SessionStore } from '../tus/session-store.js';

/** A file that is to come in more than one request. */
export interface SessionRequest {
  project: Project;
  kind: Exclude<SessionKind, 'PART'>;
  /** The file name without its extension where absent. */
  title?: string | null;
  filename: string;
  /** Unknown where absent. */
  sizeBytes?: number;
  idempotencyKey?: string | null;
  /** `Upload-Metadata` as it came. */
  metadata?: string;
  /** Of a joined file: the sessions of its parts, in order. */
  parts?: string[];
}

export interface OpenedSession {
  video: Video;
  session: UploadSession;
}

/** Begins uploads of several requests: a video that waits, and what is known of its file so far. */
export interface SessionOpener {
  /**
   * The same one again for the same idempotency key.
   * @throws AppError UPLOAD_TOO_LARGE, BAD_USER_INPUT (field), QUOTA_EXCEEDED, CONFLICT; UPLOAD_ENDED where that of the
   * key is over
   */
  open(request: SessionRequest, origin: Pick<OperationOrigin, 'caller' | 'address'>): Promise<OpenedSession>;
}

/** How long a sender may write to blob storage by itself, milliseconds. */
export const BLOB_URL_MS = 6 * 3_600_000;
/** Then it has this long to say that it is done, milliseconds. */
export const BLOB_GRACE_MS = 3_600_000;

export function createSessionOpener(deps: {
  intake: Pick<Intake, 'begin'>;
  sessions: Pick<SessionStore, 'create' | 'findOfVideo'>;
  maxBytes: number;
}): SessionOpener {
  const { intake, sessions, maxBytes } = deps;

  function checkSize(sizeBytes: number | undefined): void {
    if (sizeBytes === undefined) return;
    if (sizeBytes > maxBytes) throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: maxBytes });
    if (sizeBytes < 1)
      throw new AppError('BAD_USER_INPUT', { field: 'sizeBytes', message: 'The file is empty.' });
  }

  return {
    async open(request, { caller, address }) {
      const { project, kind, sizeBytes, metadata, parts, idempotencyKey } = request;
      checkSize(sizeBytes);
      const filename = displayFilename(request.filename);
      const title = displayText(request.title ?? '') || titleOfFile(filename);
      const isBlob = kind === SessionKind.BLOB;
      const expiresAt = new Date(Date.now() + (isBlob ? BLOB_URL_MS + BLOB_GRACE_MS : SESSION_MS));
      const begun = await intake.begin(
        {
          ...{ project, title, filename, idempotencyKey, declaredBytes: sizeBytes },
          method: isBlob ? UploadMethod.BLOB : UploadMethod.TUS,
          sender: { id: caller.id, address },
        },
        { uploadStatus: UploadStatus.WAITING, uploadExpiresAt: expiresAt },
        async ({ _id: videoId, organizationId, projectId }, txn) => {
          const blobKey = isBlob ? intakeKey(videoId) : sourceKey(videoId);
          const owner = { organizationId, projectId, videoId };
          const upload = { ...owner, kind, blobKey, filename, sizeBytes, metadata, parts, expiresAt };
          await sessions.create({ _id: newId('tus'), ...upload }, txn);
        },
      );
      const session = await sessions.findOfVideo(begun.video._id);
      if (!session) throw new AppError('UPLOAD_ENDED');
      return { video: begun.video, session };
    },
  };
}
