import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../schema/errors.js';
import { originOf } from '../auth/request-caller.js';
import { isUnreachable } from '../graphql-error.js';
import type { StopService } from '../videos/stop-service.js';
import type { StatsSource } from './stats-source.js';

export interface AdminRoutesDeps {
  source: StatsSource;
  stops: StopService;
}

const stopRequest = z.object({ reason: z.string().min(1).max(255).nullish() }).nullish();

/** The administrators' operations for scripts: plain JSON, errors as problems. */
export async function addAdminRoutes(app: FastifyInstance, deps: AdminRoutesDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    acceptEmptyBodies(scope);
    scope.setErrorHandler((error) => {
      throw isUnreachable(error) ? new AppError('UNAVAILABLE', {}, { cause: error }) : error;
    });

    scope.get('/admin/stats', (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return deps.source.read();
    });

    scope.post<{ Params: { videoID: string } }>('/admin/video/:videoID/stop', async (request, reply) => {
      const stop = { id: request.params.videoID, reason: parseStop(request.body) };
      const video = await deps.stops.stop(stop, originOf(request));
      return reply.code(202).send({ videoId: video._id, status: video.status });
    });
    done();
  });
}

/** Scripts name a type of content also where they send none. */
function acceptEmptyBodies(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

/** @throws AppError BAD_USER_INPUT (field) */
function parseStop(body: unknown): string | null | undefined {
  const { data, error } = stopRequest.safeParse(body);
  if (!error) return data?.reason;
  const [issue] = error.issues;
  throw new AppError('BAD_USER_INPUT', {
    field: issue?.path.join('.') || 'body',
    message: 'The body may have a reason of 1–255 characters.',
  });
}
