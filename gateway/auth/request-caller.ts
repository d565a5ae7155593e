import type { FastifyInstance, FastifyRequest } from 'fastify';
import { credentialOf } from '../../platform/api-keys.js';
import { AppError, toAppError } from '../../schema/errors.js';
import type { OperationOrigin } from '../context.js';
import type { Authenticator } from './authenticator.js';
import { anonymous, type Caller, requirePolicy } from './caller.js';
import { type RoutePolicy, routePolicies } from './policies.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    policy?: RoutePolicy;
  }
}

/** @throws Error where a route without a policy is added from now on: nothing is open by mistake. */
export function requireRoutePolicies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    const [policy, ...others] = methods.map((method) => policyOf(method, route.url));
    if (!policy || others.some((other) => other !== policy)) {
      throw new Error(`${methods.join()} ${route.url} has no policy, or more than one`);
    }
    route.config = { ...route.config, policy };
  });
}

/** HEAD comes with GET, where it does not stand alone. */
const policyOf = (method: string, url: string): RoutePolicy | undefined =>
  routePolicies[`${method} ${url}`] ?? (method === 'HEAD' ? routePolicies[`GET ${url}`] : undefined);

/** Finds out who sends each request and puts the policy of each route before it, before the body is read. */
export function authorizeRequests(app: FastifyInstance, authenticator: Authenticator): void {
  app.decorateRequest('caller', null as unknown as Caller);
  app.addHook('onRequest', async (request) => {
    const { policy = 'public' } = request.routeOptions.config;
    request.caller = policy === 'public' ? anonymous : await authenticate(request, authenticator);
    if (policy !== 'operation') requirePolicy(request.caller, policy);
  });
}

async function authenticate({ headers, ip }: FastifyRequest, authenticator: Authenticator): Promise<Caller> {
  const credential = credentialOf(headers);
  if (credential === undefined) return anonymous;
  const from = { address: ip, origin: headers.origin };
  const caller = await authenticator.verify(credential, from).catch(unavailable);
  if (!caller) throw new AppError('UNAUTHENTICATED');
  return caller;
}

function unavailable(error: unknown): never {
  throw toAppError(error, 'UNAVAILABLE');
}

/** Where a request comes from. */
export const originOf = ({ caller, id, ip, log, headers }: FastifyRequest): OperationOrigin => ({
  ...{ caller, requestId: id, address: ip, log },
  bodyBytes: Number(headers['content-length'] ?? 0),
});
