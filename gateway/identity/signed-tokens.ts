import { errors, jwtVerify, type JWTPayload, SignJWT } from 'jose';
import { SIGNATURE, type SigningKeys } from './signing-keys.js';

/** What a kind of token is for: none is taken for another. */
export interface TokenKind {
  /** Of the header: RFC 8725 section 3.11. */
  typ: string;
  audience: string;
}

/** JWTs that the gateways sign for themselves and each other. */
export interface SignedTokens {
  sign(kind: TokenKind, claims: JWTPayload, lifetimeSeconds: number): Promise<string>;
  /**
   * The claims of a token of this kind that is good now; undefined for every other text. Rejects where the
   * keys cannot be read.
   */
  open(kind: TokenKind, token: string): Promise<JWTPayload | undefined>;
}

/** None of ours is longer. */
const MAX_TOKEN_CHARS = 4_096;

export function createSignedTokens(deps: {
  keys: Pick<SigningKeys, 'current' | 'find'>;
  issuer: string;
  now?: () => number;
}): SignedTokens {
  const { keys, issuer } = deps;
  const now = deps.now ?? Date.now;

  async function keyOf({ kid }: { kid?: string }) {
    const key = kid === undefined ? undefined : await keys.find(kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  }

  return {
    async sign({ typ, audience }, claims, lifetimeSeconds) {
      const { id: kid, privateKey } = await keys.current();
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: SIGNATURE, typ, kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(privateKey);
    },

    async open({ typ, audience }, token) {
      if (token.length > MAX_TOKEN_CHARS) return undefined;
      try {
        const expected = { algorithms: [SIGNATURE], typ, issuer, audience, requiredClaims: ['iat', 'exp'] };
        return (await jwtVerify(token, keyOf, { ...expected, currentDate: new Date(now()) })).payload;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
