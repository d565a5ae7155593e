import type { FastifyInstance } from 'fastify';
import { credentialOf } from '../../platform/api-keys.js';
import { UPLOADS_PATH } from '../uploads/tus/upload-links.js';
import type { RequestLimits } from './request-limits.js';

/** Whoever watches over this process must never be kept from it. */
const unlimited = new Set(['/healthz', '/readyz', '/metrics']);

/** The address of an upload is all that its sender needs: it stands for a credential, like one that is not verified yet. */
const UPLOAD_ROUTE = `${UPLOADS_PATH}/:id`;

/** Counts each request by the address it comes from: to be added before its sender is found out. */
export function limitAddresses(app: FastifyInstance, limits: RequestLimits): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { url = '' } = request.routeOptions;
    if (!unlimited.has(url)) {
      const hasCredential = credentialOf(request.headers) !== undefined || url === UPLOAD_ROUTE;
      limits.takeFromAddress(request.ip, { hasCredential });
    }
    done();
  });
}

/** Counts each request by who sends it: to be added after that is found out. */
export function limitCallers(app: FastifyInstance, limits: RequestLimits): void {
  app.addHook('onRequest', async ({ caller }) => {
    if (caller.kind !== 'ANONYMOUS') await limits.takeFromCaller(caller);
  });
}
