import { z } from 'zod';
import type { SignedTokens, TokenKind } from './signed-tokens.js';

/** What a link lets its reader do. */
export type OneTimePurpose = 'invitation' | 'password-reset' | 'oidc';

/** The tokens of signed links that expire. That each is used once is up to who opens it. */
export interface OneTimeTokens {
  /** @throws RangeError where it would outlive the key that signs it. */
  sign(purpose: OneTimePurpose, claims: Record<string, string>, lifetimeSeconds: number): Promise<string>;
  /** The claims; undefined where the token is forged, expired or meant for something else. */
  open(purpose: OneTimePurpose, token: string): Promise<Record<string, string> | undefined>;
}

/** Keys are kept for a week after they have signed. */
const MAX_LIFETIME_SECONDS = 7 * 86_400;

const format = z.object({ link: z.record(z.string(), z.string()) });

const kindOf = (purpose: OneTimePurpose): TokenKind => ({
  typ: `${purpose}+jwt`,
  audience: `stream-plus/${purpose}`,
});

export function createOneTimeTokens(deps: { tokens: SignedTokens }): OneTimeTokens {
  return {
    async sign(purpose, claims, lifetimeSeconds) {
      if (!(lifetimeSeconds > 0 && lifetimeSeconds <= MAX_LIFETIME_SECONDS))
        throw new RangeError(`a link lives for at most ${MAX_LIFETIME_SECONDS} s, not ${lifetimeSeconds}`);
      return deps.tokens.sign(kindOf(purpose), { link: claims }, lifetimeSeconds);
    },

    async open(purpose, token) {
      return format.safeParse(await deps.tokens.open(kindOf(purpose), token)).data?.link;
    },
  };
}
