import { newId } from '../../../schema/ids.js';
import { partKey } from '../../../schema/blob-paths.js';
import { AppError } from '../../../schema/errors.js';
import type { Project } from '../../../schema/project.js';
import { SessionKind } from '../../../schema/upload-session.js';
import { type Caller } from '../../auth/caller.js';
import type { OperationOrigin } from '../../context.js';
import type { ProjectStore } from '../../projects/project-store.js';
import { requireProject } from '../../projects/require-project.js';
import type { SessionOpener } from '../tickets/session-opener.js';
import type { Joiner } from './joiner.js';
import { bytesOfParts, partsNamed } from './parts.js';
import type { SessionStore } from './session-store.js';
import { currentTusRequest } from './tus-request.js';
import type { UploadLinks } from './upload-links.js';

type UploadMetadata = Record<string, string | null>;

/** Begins the uploads that `POST /files` asks for. */
export interface TusCreation {
  /**
   * Begins the upload, or the part, of the tus request under way. Returns the id of its session.
   * @throws AppError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (field), UPLOAD_TOO_LARGE, QUOTA_EXCEEDED
   */
  create(metadata: UploadMetadata, bytes: number | undefined): Promise<string>;
  /** Begins the file of parts that are there. Returns its address. @throws as `create` */
  join(
    about: { concat: string; metadata: UploadMetadata; raw?: string },
    origin: OperationOrigin,
  ): Promise<string>;
}

export function createTusCreation(deps: {
  projects: Pick<ProjectStore, 'find'>;
  sessions: Pick<SessionStore, 'create' | 'findMany'>;
  opener: SessionOpener;
  joiner: Pick<Joiner, 'begin'>;
  links: UploadLinks;
  maxBytes: number;
}): TusCreation {
  const { sessions, opener, links } = deps;

  async function projectOf({ projectId }: UploadMetadata, caller: Caller): Promise<Project> {
    const id = projectId ?? ownProject(caller);
    if (!id)
      throw new AppError('BAD_USER_INPUT', { field: 'projectId', message: 'Which project is it for?' });
    return requireProject(deps.projects, id, { caller, permission: 'video:write' });
  }

  function createPart({ _id: projectId, organizationId }: Project, bytes: number | undefined) {
    const id = newId('tus');
    return sessions.create({
      ...{ _id: id, organizationId, projectId, kind: SessionKind.PART },
      ...{ blobKey: partKey(id), filename: 'part', sizeBytes: bytes, metadata: currentTusRequest().metadata },
    });
  }

  return {
    async create(metadata, sizeBytes) {
      const { origin, isPart, metadata: raw } = currentTusRequest();
      const project = await projectOf(metadata, origin.caller);
      if (sizeBytes !== undefined && sizeBytes > deps.maxBytes)
        throw new AppError('UPLOAD_TOO_LARGE', { limitBytes: deps.maxBytes });
      if (isPart) return (await createPart(project, sizeBytes))._id;
      const upload = { project, ...described(metadata), sizeBytes, metadata: raw };
      return (await opener.open({ ...upload, kind: SessionKind.TUS }, origin)).session._id;
    },

    async join({ concat, metadata, raw }, origin) {
      const project = await projectOf(metadata, origin.caller);
      const parts = partsNamed(concat, links);
      const sizeBytes = bytesOfParts(parts, await sessions.findMany(parts), project);
      const upload = { project, ...described(metadata), sizeBytes, parts, metadata: raw };
      const { session } = await opener.open({ ...upload, kind: SessionKind.JOINED }, origin);
      deps.joiner.begin(session);
      return links.urlOf(session._id);
    },
  };
}

/** Names that tus clients use where ours is missing. */
const described = ({ title, filename, name, idempotencyKey }: UploadMetadata) => ({
  title,
  filename: filename ?? name ?? '',
  idempotencyKey: idempotencyKey ?? undefined,
});

/** Of a key that is for one project. */
function ownProject({ grants }: Caller): string | undefined {
  const [grant, ...others] = grants;
  return others.length === 0 ? grant?.projectId : undefined;
}
