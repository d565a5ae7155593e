import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../schema/ids.js';
import { newSecret } from './random-secret.js';
import { formatRefreshToken, parseRefreshToken } from './refresh-token.js';

describe('a refresh token', () => {
  it('says which session it is of, and which of its tokens', () =>
    fc.assert(
      fc.property(fc.nat(999_999_999), (rotation) => {
        const token = { sessionId: newId('session'), rotation, secret: newSecret() };
        expect(parseRefreshToken(formatRefreshToken(token))).toEqual(token);
      }),
    ));

  it.each([
    ['nothing', ''],
    ['an API key', `sp_live_${'0'.repeat(26)}_${'a'.repeat(43)}00000000`],
    ['one without a secret', `spr_${'0'.repeat(26)}_0_`],
    ['one with a longer secret', `spr_${'0'.repeat(26)}_0_${'a'.repeat(44)}`],
    ['a rotation in another spelling', `spr_${'0'.repeat(26)}_01_${'a'.repeat(43)}`],
    ['a rotation that is none', `spr_${'0'.repeat(26)}_-1_${'a'.repeat(43)}`],
    ['another kind of id', `spr_${'U'.repeat(26)}_0_${'a'.repeat(43)}`],
    ['more lines', `spr_${'0'.repeat(26)}_0_${'a'.repeat(43)}\n`],
  ])('is not %s', (_what, text) => expect(parseRefreshToken(text)).toBeUndefined());
});
