import { describe, expect, it } from '@jest/globals';
import { cookieIn, createSignInCookie, type SignInTokens } from './oidc-cookie.js';

/** Tokens that anybody can read and write. */
const openTokens: SignInTokens = {
  sign: (purpose, claims, seconds) =>
    Promise.resolve(Buffer.from(JSON.stringify({ purpose, claims, seconds })).toString('base64url')),
  open: (_purpose, token) => {
    const { claims } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      claims: Record<string, string>;
    };
    return Promise.resolve(claims);
  },
};
const cookieAt = (callbackUrl: string) => createSignInCookie({ tokens: openTokens, callbackUrl });

const pending = { verifier: 'v', state: 's', nonce: 'n', redirectTo: 'https://app.test/' };

describe('the cookie of a sign-in', () => {
  it('gives back what was kept', async () => {
    const cookie = cookieAt('https://api.test/auth/oidc/callback');
    const [kept = ''] = (await cookie.keep(pending)).split(';');
    expect(await cookie.read(`a=b; ${kept}; c=d`)).toEqual(pending);
    expect(await cookie.read('a=b')).toBeUndefined();
    expect(await cookie.read(undefined)).toBeUndefined();
    const other = await openTokens.sign('oidc', { state: 's' }, 1);
    expect(await cookie.read(`stream_plus_sign_in=${other}`)).toBeUndefined();
  });

  it('is for the routes of the sign-in alone, and ends with it', async () => {
    const secure = cookieAt('https://api.test/auth/oidc/callback');
    expect(await secure.keep(pending)).toMatch(
      /^stream_plus_sign_in=[\w-]+; Max-Age=600; Path=\/auth\/oidc; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(secure.forget).toBe(
      'stream_plus_sign_in=; Max-Age=0; Path=/auth/oidc; HttpOnly; SameSite=Lax; Secure',
    );
    const local = cookieAt('http://127.0.0.1:4000/video/auth/oidc/callback');
    expect(local.forget).toMatch(/; Path=\/video\/auth\/oidc; HttpOnly; SameSite=Lax$/);
  });
});

describe('a cookie in a header', () => {
  it.each([
    ['a=1', '1'],
    [' b=2;a=1 ', '1'],
    ['a=1=2', '1=2'],
    ['a=', ''],
    ['aa=1; b=a=1', undefined],
    ['a=1; a=2', undefined],
    ['', undefined],
  ])('of %j is %j', (header, value) => expect(cookieIn(header, 'a')).toBe(value));
});
