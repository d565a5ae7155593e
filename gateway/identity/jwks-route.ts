import type { FastifyInstance } from 'fastify';
import { toAppError } from '../../schema/errors.js';
import type { SigningKeys } from './signing-keys.js';

/** Far shorter than a key is published before it signs. */
const MAX_AGE_SECONDS = 300;

/** The public keys that others verify our access tokens with. */
export function addJwksRoute(app: FastifyInstance, deps: { keys: Pick<SigningKeys, 'published'> }): void {
  app.get('/.well-known/jwks.json', async (_request, reply) => {
    const published = await deps.keys.published().catch((error: unknown) => {
      throw toAppError(error, 'UNAVAILABLE');
    });
    return reply.header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`).send(published);
  });
}
