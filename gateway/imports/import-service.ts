import type { Intake } from '../../platform/intake.js';
import type { JobQueue } from '../../platform/job-queue.js';
import { hostOf, readOutsideUrl } from '../../platform/outside-url.js';
import type { AddressRule } from '../../platform/public-address.js';
import { UploadStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import type { Project } from '../../schema/project.js';
import { UploadMethod } from '../../schema/upload-entry.js';
import type { Video } from '../../schema/video.js';
import type { OperationOrigin } from '../context.js';
import { displayFilename, displayText, titleOfFile } from '../videos/display-text.js';

export interface ImportRequest {
  project: Project;
  url: string;
  /** The name of the file without its extension where absent. */
  title?: string | null;
  /** The same key and project: the same video, for 24 hours. */
  idempotencyKey?: string | null;
}

/** Brings sources in from where they are. */
export interface ImportService {
  /**
   * A new video whose source a processor will fetch; returns as soon as that is queued.
   * @throws AppError BAD_USER_INPUT (field), SOURCE_FORBIDDEN (field) for an address that says itself that it may not be
   * read, QUOTA_EXCEEDED (limit, max, used), CONFLICT where the key was used for another way in
   */
  import(request: ImportRequest, origin: Pick<OperationOrigin, 'caller' | 'address'>): Promise<Video>;
}

export function createImportService(deps: {
  intake: Pick<Intake, 'begin'>;
  queue: Pick<JobQueue, 'enqueueImport' | 'hint'>;
  /** As processors have it. */
  isAllowed: AddressRule;
}): ImportService {
  const { intake, queue } = deps;

  return {
    async import({ project, url: text, title, idempotencyKey }, { caller, address }) {
      const sender = { id: caller.id, address };
      const url = read(text, deps.isAllowed);
      const filename = filenameOf(url);
      const upload = {
        ...{ project, method: UploadMethod.IMPORT, filename, sender, idempotencyKey },
        title: displayText(title ?? '') || titleOfFile(filename),
      };
      const start = { uploadStatus: UploadStatus.WAITING, importUrl: url.href };
      let jobId: string | undefined;
      const { video } = await intake.begin(upload, start, async (begun, session) => {
        const { _id: videoId, organizationId, generation, priority } = begun;
        jobId = await queue.enqueueImport({ videoId, organizationId, generation, priority }, session);
      });
      // Nobody waits for the message: without it, the job is found all the same.
      if (jobId !== undefined) void queue.hint([jobId]);
      return video;
    },
  };
}

function read(text: string, isAllowed: AddressRule): URL {
  try {
    return readOutsideUrl(text, isAllowed);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message } = error;
    throw new AppError(code, { field: 'url', message }, { cause: error });
  }
}

/** The last part of the path, or the host where there is none. Only ever shown. */
export function filenameOf(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? '';
  return displayFilename(decoded(last).trim() || hostOf(url));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
