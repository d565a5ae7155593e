import type { FastifyInstance } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { toAppError } from '../../schema/errors.js';
import { signingKeysRoute } from '../../schema/rest/sign-in-routes.js';
import type { SigningKeys } from './signing-keys.js';

/** Far shorter than a key is published before it signs. */
const MAX_AGE_SECONDS = 300;

/** The public keys that others verify our access tokens with. */
export function addJwksRoute(scope: FastifyInstance, deps: { keys: Pick<SigningKeys, 'published'> }): void {
  bindRoute(scope, signingKeysRoute, async ({ reply }) => {
    const published = await deps.keys.published().catch((error: unknown) => {
      throw toAppError(error, 'UNAVAILABLE');
    });
    reply.header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`);
    return published;
  });
}
