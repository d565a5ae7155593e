import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { AppError } from '../../schema/errors.js';
import type { Project } from '../../schema/project.js';
import { uploadRoute } from '../../schema/rest/upload-routes.js';
import type { Video } from '../../schema/video.js';
import { originOf } from '../auth/request-caller.js';
import type { ImportService } from '../imports/import-service.js';
import type { ProjectStore } from '../projects/project-store.js';
import { requireProject } from '../projects/require-project.js';
import { acceptedVideo, type LinkBases } from '../videos/accepted-video.js';
import { discardRestOfForms, isMultipart } from './answered-early.js';
import { readFilmForm } from './film-form.js';
import { leastFileBytes, refuseTooLarge } from './multipart.js';
import type { UploadService } from './upload-service.js';

export interface UploadRoutesDeps extends LinkBases {
  projects: Pick<ProjectStore, 'find'>;
  service: Pick<UploadService, 'receive'>;
  /** Absent where films are not imported. */
  importer?: Pick<ImportService, 'import'>;
  maxUploadBytes: number;
}

/** Takes a film by REST: in a form, as `curl -F file=@film.mp4` sends it, or by its URL. */
export function addUploadRoutes(scope: FastifyInstance, deps: UploadRoutesDeps): void {
  scope.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  discardRestOfForms(scope);

  bindRoute(scope, uploadRoute, async ({ params, headers, body, request, reply }) => {
    const { caller } = request;
    const project = await requireProject(deps.projects, params.projectID, {
      caller,
      permission: 'video:write',
    });
    // A string of structured fields (RFC 9651) has quotes around it, most clients send none.
    const idempotencyKey = headers['Idempotency-Key']?.replace(/^"(.*)"$/, '$1');
    const begin = () => {
      if (isMultipart(request)) return receiveForm(deps, { request, project, idempotencyKey });
      if (!body || !deps.importer) throw new AppError('UNSUPPORTED_CONTENT_TYPE');
      return deps.importer.import({ ...body, project, idempotencyKey }, originOf(request));
    };
    const accepted = acceptedVideo(deps, await begin());
    reply.header('location', accepted.links.self);
    return accepted;
  });
}

async function receiveForm(
  deps: UploadRoutesDeps,
  {
    request,
    project,
    idempotencyKey,
  }: { request: FastifyRequest; project: Project; idempotencyKey?: string },
): Promise<Video> {
  refuseTooLarge(request, deps.maxUploadBytes);
  const { filename, source, title } = await readFilmForm(request.raw);
  return deps.service.receive({
    ...{ project, filename, source, title: title(), lateTitle: title },
    leastBytes: leastFileBytes(Number(request.headers['content-length'] ?? 0)),
    sender: { id: request.caller.id, address: request.ip },
    idempotencyKey,
  });
}
