import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memorySigningKeys } from '../../test/support/signing-keys.js';
import { createOneTimeTokens } from './one-time-tokens.js';
import { createSignedTokens } from './signed-tokens.js';

const DAY_SECONDS = 86_400;

function withTokens() {
  let now = 1_800_000_000_000;
  const clock = () => now;
  const signed = createSignedTokens({ keys: memorySigningKeys(clock), issuer: 'https://g.test', now: clock });
  return {
    tokens: createOneTimeTokens({ tokens: signed }),
    pass: (seconds: number) => (now += seconds * 1000),
  };
}

describe("a link's token", () => {
  it('brings back the claims it was made of', async () => {
    const { tokens } = withTokens();
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,20}$/), fc.string({ unit: 'grapheme' })),
        async (claims) => {
          const token = await tokens.sign('invitation', claims, 60);
          expect(token.length).toBeLessThan(4_096);
          expect({ ...(await tokens.open('invitation', token)) }).toEqual({ ...claims });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is good for one purpose', async () => {
    const { tokens } = withTokens();
    const purposes = ['invitation', 'password-reset', 'oidc'] as const;
    for (const purpose of purposes) {
      const token = await tokens.sign(purpose, { of: purpose }, 60);
      for (const asked of purposes) {
        expect(await tokens.open(asked, token)).toEqual(asked === purpose ? { of: purpose } : undefined);
      }
    }
  });

  it('is good for a week at most, across the change of keys', async () => {
    const { tokens, pass } = withTokens();
    const token = await tokens.sign('invitation', { id: 'invite_a' }, 7 * DAY_SECONDS);
    pass(7 * DAY_SECONDS - 1);
    expect(await tokens.open('invitation', token)).toEqual({ id: 'invite_a' });
    pass(1);
    expect(await tokens.open('invitation', token)).toBeUndefined();
    for (const lifetime of [0, -1, 7 * DAY_SECONDS + 1, NaN]) {
      await expect(tokens.sign('invitation', {}, lifetime)).rejects.toThrow(RangeError);
    }
  });
});
