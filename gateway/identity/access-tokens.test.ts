import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { memorySigningKeys } from '../../test/support/signing-keys.js';
import { createAccessTokens } from './access-tokens.js';
import { createSignedTokens } from './signed-tokens.js';

const START = 1_800_000_000_000;
const claims = { userId: 'user_a', sessionId: 'session_a' };

function withTokens() {
  let now = START;
  const clock = () => now;
  const keys = memorySigningKeys(clock);
  const signed = createSignedTokens({ keys, issuer: 'https://gateway.test', now: clock });
  let opened = 0;
  const counted: typeof signed = {
    ...signed,
    open(...args) {
      opened += 1;
      return signed.open(...args);
    },
  };
  return {
    tokens: createAccessTokens({ tokens: counted, now: clock }),
    signed,
    pass: (ms: number) => (now += ms),
    opened: () => opened,
  };
}

describe('an access token', () => {
  it('has the form of RFC 9068, and says nothing of what its user may do', async () => {
    const { token, expiresAt } = await withTokens().tokens.sign(claims);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    const payload = decodeJwt(token);
    expect(payload).toMatchObject({ iss: 'https://gateway.test', aud: 'stream-plus', sub: 'user_a' });
    expect(Object.keys(payload).toSorted()).toEqual(
      ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub'].toSorted(),
    );
    expect(expiresAt.getTime()).toBe((payload.exp ?? 0) * 1000);
  });

  it('is good for a quarter of an hour, however often it was good before', async () => {
    const { tokens, pass, opened } = withTokens();
    const { token } = await tokens.sign(claims);
    expect(await tokens.verify(token)).toEqual(claims);
    pass(15 * 60_000 - 1);
    expect(await tokens.verify(token)).toEqual(claims);
    expect(opened()).toBe(1);
    pass(1);
    expect(await tokens.verify(token)).toBeUndefined();
  });

  it('is no token of a link, nor one without a session', async () => {
    const { tokens, signed } = withTokens();
    const link = { typ: 'invitation+jwt', audience: 'stream-plus/invitation' };
    const access = { typ: 'at+jwt', audience: 'stream-plus' };
    for (const token of [
      await signed.sign(link, { sub: 'user_a', sid: 'session_a' }, 60),
      await signed.sign(access, { sub: 'user_a' }, 60),
      'sp_live_nothing',
    ]) {
      expect(await tokens.verify(token)).toBeUndefined();
    }
  });
});
