import { types } from 'node:util';
import * as openid from 'openid-client';
import { AppError } from '../../schema/errors.js';

/** Answers of a provider (RFC 6749 sections 4.1.2.1 and 5.2) that say something about this sign-in, not about the provider. */
const refusals = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'invalid_grant',
  'login_required',
]);

/** What comes where a provider was expected: no answer, or one of somebody in between. */
const broken = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_HTTP_REQUEST_FORBIDDEN',
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

/**
 * What went wrong with a sign-in, as one of our errors: UNAVAILABLE where the provider does not answer, or
 * does not answer us; UNAUTHENTICATED where it has not signed this person in, or somebody pretends that it has.
 */
export function signInFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = isOutage(error) ? 'UNAVAILABLE' : 'UNAUTHENTICATED';
  const message = code === 'UNAUTHENTICATED' ? 'The sign-in was not completed.' : undefined;
  return new AppError(code, { message }, { cause: error });
}

function isOutage(error: unknown): boolean {
  if (error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError)
    return !refusals.has(error.error);
  if (error instanceof openid.ClientError)
    return error.code === undefined ? isNoConnection(error.cause) : broken.has(error.code);
  return isNoConnection(error);
}

/** fetch rejects with a TypeError then. */
const isNoConnection = (error: unknown): boolean => types.isNativeError(error) && error.name === 'TypeError';
