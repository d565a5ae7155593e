import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { SignedTokens } from './signed-tokens.js';

/** Whom an access token speaks for. What they may do is not in it: that is read from the database. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
}

/** Access tokens as RFC 9068 describes them. */
export interface AccessTokens {
  sign(claims: AccessClaims): Promise<{ token: string; expiresAt: Date }>;
  /** Undefined where it is not one that is good now. Rejects where that cannot be found out. */
  verify(token: string): Promise<AccessClaims | undefined>;
}

const AUDIENCE = 'stream-plus';
const kind = { typ: 'at+jwt', audience: AUDIENCE };
export const ACCESS_TOKEN_SECONDS = 15 * 60;
/** Connections are verified every few seconds, each by its token. */
const MAX_VERIFIED = 10_000;

const format = z.object({ sub: z.string(), sid: z.string(), exp: z.number() });

export function createAccessTokens(deps: { tokens: SignedTokens; now?: () => number }): AccessTokens {
  const now = deps.now ?? Date.now;
  const verified = new LRUCache<string, AccessClaims & { expiresAt: number }>({ max: MAX_VERIFIED });

  async function open(token: string): Promise<AccessClaims | undefined> {
    const { data } = format.safeParse(await deps.tokens.open(kind, token));
    if (!data) return undefined;
    const claims = { userId: data.sub, sessionId: data.sid };
    verified.set(token, { ...claims, expiresAt: data.exp * 1000 });
    return claims;
  }

  return {
    async sign({ userId, sessionId }) {
      const expiresAt = new Date((Math.floor(now() / 1000) + ACCESS_TOKEN_SECONDS) * 1000);
      const claims = { sub: userId, sid: sessionId, client_id: AUDIENCE, jti: randomUUID() };
      return { token: await deps.tokens.sign(kind, claims, ACCESS_TOKEN_SECONDS), expiresAt };
    },

    async verify(token) {
      const known = verified.get(token);
      if (!known) return open(token);
      const { userId, sessionId, expiresAt } = known;
      return now() < expiresAt ? { userId, sessionId } : undefined;
    },
  };
}
