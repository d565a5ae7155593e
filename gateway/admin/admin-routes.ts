import type { FastifyInstance } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { adminStatsRoute, stopVideoRoute } from '../../schema/rest/admin-routes.js';
import { originOf } from '../auth/request-caller.js';
import type { StopService } from '../videos/stop-service.js';
import type { StatsSource } from './stats-source.js';

export interface AdminRoutesDeps {
  source: StatsSource;
  stops: StopService;
}

/** The administrators' operations for scripts. */
export function addAdminRoutes(scope: FastifyInstance, deps: AdminRoutesDeps): void {
  bindRoute(scope, adminStatsRoute, ({ reply }) => {
    reply.header('cache-control', 'no-store');
    return deps.source.read();
  });

  bindRoute(scope, stopVideoRoute, async ({ params, body, request }) => {
    const video = await deps.stops.stop({ id: params.videoID, reason: body?.reason }, originOf(request));
    return { videoId: video._id, status: video.status };
  });
}
