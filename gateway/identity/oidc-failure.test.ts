import { describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { AppError } from '../../schema/errors.js';
import { signInFailure } from './oidc-failure.js';

const clientError = (code?: string) => Object.assign(new openid.ClientError('no'), { code });
const refused = (error: string) =>
  new openid.AuthorizationResponseError('no', { cause: new URLSearchParams({ error }) });
const answered = (error: string) =>
  new openid.ResponseBodyError('no', { cause: { error }, response: new Response(null, { status: 400 }) });

describe('a sign-in that fails', () => {
  it.each([
    [refused('access_denied'), 'UNAUTHENTICATED'],
    [refused('login_required'), 'UNAUTHENTICATED'],
    [refused('temporarily_unavailable'), 'UNAVAILABLE'],
    [answered('invalid_grant'), 'UNAUTHENTICATED'],
    [answered('invalid_client'), 'UNAVAILABLE'],
    [clientError('OAUTH_INVALID_RESPONSE'), 'UNAUTHENTICATED'],
    [clientError('OAUTH_JWT_CLAIM_COMPARISON_FAILED'), 'UNAUTHENTICATED'],
    [clientError(), 'UNAUTHENTICATED'],
    [clientError('OAUTH_TIMEOUT'), 'UNAVAILABLE'],
    [clientError('OAUTH_RESPONSE_IS_NOT_CONFORM'), 'UNAVAILABLE'],
    [new TypeError('fetch failed'), 'UNAVAILABLE'],
    [new openid.ClientError('no', { cause: new TypeError('fetch failed') }), 'UNAVAILABLE'],
    [new Error('anything else'), 'UNAUTHENTICATED'],
  ])('with %s is %s', (error, code) => {
    expect(signInFailure(error)).toMatchObject({ code, cause: error });
  });

  it('with an error of ours is that error', () => {
    const error = new AppError('CONFLICT');
    expect(signInFailure(error)).toBe(error);
  });
});
