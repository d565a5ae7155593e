import type { FastifyInstance } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { AppError } from '../../schema/errors.js';
import { reprocessRoute } from '../../schema/rest/upload-routes.js';
import type { Video } from '../../schema/video.js';
import { originOf } from '../auth/request-caller.js';
import type { OperationOrigin } from '../context.js';
import { acceptedVideo, type LinkBases } from './accepted-video.js';
import type { VideoStore } from './video-store.js';

export interface ReprocessRouteDeps extends LinkBases {
  videos: Pick<VideoStore, 'find'>;
  reprocesses: { reprocess(request: { id: string }, origin: OperationOrigin): Promise<Video> };
}

/** Makes a video anew, for scripts; a video of another project does not exist. */
export function addReprocessRoute(scope: FastifyInstance, deps: ReprocessRouteDeps): void {
  bindRoute(scope, reprocessRoute, async ({ params, request }) => {
    const { projectID, videoID: id } = params;
    const video = await deps.videos.find(id, request.caller);
    if (video?.projectId !== projectID) throw new AppError('NOT_FOUND');
    const begun = await deps.reprocesses.reprocess({ id }, originOf(request));
    return { ...acceptedVideo(deps, begun), generation: begun.generation };
  });
}
