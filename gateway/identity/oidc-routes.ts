import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { logFailure } from '../../platform/problem.js';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { AppError, toAppError } from '../../schema/errors.js';
import { signInCallbackRoute, signInStartRoute } from '../../schema/rest/sign-in-routes.js';
import { originOf } from '../auth/request-caller.js';
import { isUnreachable } from '../graphql-error.js';
import type { SignInCookie } from './oidc-cookie.js';
import type { OidcProvider } from './oidc-provider.js';
import { redirectWithin, withOutcome } from './oidc-redirect.js';
import type { OidcSignIn } from './oidc-sign-in.js';
import type { SignInCodes } from './sign-in-codes.js';

export interface OidcRoutesDeps {
  provider: OidcProvider;
  cookie: SignInCookie;
  signIn: OidcSignIn;
  codes: SignInCodes;
  /** A sign-in ends below it. */
  publicAppUrl: string;
}

/**
 * The way of a browser through a sign-in with an outside provider: there and back, and on to the application.
 * Without a provider the routes lead nowhere.
 */
export function addOidcRoutes(scope: FastifyInstance, deps: OidcRoutesDeps | undefined): void {
  bindRoute(scope, signInStartRoute, async ({ query, request, reply }) => {
    const { provider, cookie, publicAppUrl } = required(deps);
    const redirectTo = redirectWithin(publicAppUrl, query.redirectTo);
    if (!redirectTo) throw new AppError('BAD_USER_INPUT', { field: 'redirectTo' });
    return endAt(redirectTo, { request, reply }, async () => {
      const { url, attempt } = await provider.start();
      reply.header('set-cookie', await cookie.keep({ ...attempt, redirectTo: redirectTo.href }));
      return url;
    });
  });

  bindRoute(scope, signInCallbackRoute, async ({ request, reply }) => {
    const { provider, cookie, signIn, codes, publicAppUrl } = required(deps);
    const pending = await cookie.read(request.headers.cookie).catch(unavailable);
    reply.header('set-cookie', cookie.forget);
    const redirectTo = redirectWithin(publicAppUrl, pending?.redirectTo);
    if (!pending || !redirectTo) throw new AppError('BAD_USER_INPUT', { message: NOT_BEGUN });
    return endAt(redirectTo, { request, reply }, async () => {
      const profile = await provider.finish(queryOf(request), pending);
      const userId = await signIn.userOf(profile, originOf(request));
      return withOutcome(redirectTo, { code: await codes.issue(userId) });
    });
  });
}

const NOT_BEGUN = 'No sign-in has begun in this browser, or it was too long ago.';

/** @throws AppError NOT_FOUND */
function required(deps: OidcRoutesDeps | undefined): OidcRoutesDeps {
  if (!deps) throw new AppError('NOT_FOUND');
  return deps;
}

function unavailable(error: unknown): never {
  throw toAppError(error, 'UNAVAILABLE');
}

/** As it was sent: what occurs twice must still be there twice. */
const queryOf = ({ url }: FastifyRequest): string => (url.includes('?') ? url.slice(url.indexOf('?')) : '');

/** Sends the browser where `next` says, or back to the application with the code of the error. */
async function endAt(
  redirectTo: URL,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  next: () => Promise<string>,
): Promise<FastifyReply> {
  const url = await next().catch((error: unknown) => {
    const known = isUnreachable(error)
      ? new AppError('UNAVAILABLE', {}, { cause: error })
      : toAppError(error);
    logFailure(request.log, known, error);
    if (known.status < 500) request.log.info({ err: error }, 'sign-in with an outside provider refused');
    return withOutcome(redirectTo, { error: known.code });
  });
  // What is in these URLs is for one reader, once.
  reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
  return reply.redirect(url);
}
