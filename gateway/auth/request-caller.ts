import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ApiKeyVerifier, credentialOf } from '../../platform/api-keys.js';
import { AppError, toAppError } from '../../schema/errors.js';
import type { OperationOrigin } from '../context.js';
import type { Caller } from './caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler of a route that needs a key runs. */
    caller: Caller | null;
  }
}

/** Refuses whoever has no valid key on the routes of `scope`, before the body is read. */
export function authenticateRequests(scope: FastifyInstance, verifier: ApiKeyVerifier): void {
  scope.decorateRequest('caller', null);
  scope.addHook('onRequest', async (request) => {
    request.caller = await authenticate(request, verifier);
  });
}

async function authenticate({ headers }: FastifyRequest, verifier: ApiKeyVerifier): Promise<Caller> {
  const credential = credentialOf(headers);
  const caller = credential === undefined ? undefined : await verifier.verify(credential).catch(unavailable);
  if (!caller) throw new AppError('UNAUTHENTICATED');
  return caller;
}

function unavailable(error: unknown): never {
  throw toAppError(error, 'UNAVAILABLE');
}

/** Where an authenticated request comes from. */
export function originOf({ caller, id, ip, log }: FastifyRequest): OperationOrigin {
  if (!caller) throw new AppError('UNAUTHENTICATED');
  return { caller, requestId: id, address: ip, log };
}
