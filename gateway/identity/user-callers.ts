import { LRUCache } from 'lru-cache';
import type { Authenticator } from '../auth/authenticator.js';
import type { Caller } from '../auth/caller.js';
import type { AccessClaims, AccessTokens } from './access-tokens.js';
import type { CallerStore } from './caller-store.js';

/** A change of role, or the end of a session, holds everywhere after this long, milliseconds. */
const CACHE_MS = 5_000;
const CACHE_ENTRIES = 10_000;

/** Finds out who sends an access token. Only whose it is stands in it; what they may do is in the database. */
export function createUserCallers(deps: {
  tokens: Pick<AccessTokens, 'verify'>;
  store: CallerStore;
  now?: () => number;
}): Authenticator {
  const { tokens, store } = deps;
  const now = deps.now ?? Date.now;
  const known = new LRUCache<string, { caller?: Caller; readAt: number }>({ max: CACHE_ENTRIES });

  /** What was read before is forgotten, also where it is gone. */
  async function read(sessionIds: readonly string[]): Promise<Map<string, Caller>> {
    const readAt = now();
    const callers = await store.bySession(sessionIds);
    for (const id of sessionIds) known.set(id, { caller: callers.get(id), readAt });
    return callers;
  }

  async function lately(sessionId: string): Promise<Caller | undefined> {
    const entry = known.get(sessionId);
    if (entry && now() - entry.readAt < CACHE_MS) return entry.caller;
    return (await read([sessionId])).get(sessionId);
  }

  return {
    async verify(credential) {
      const claims = await tokens.verify(credential);
      return claims && ofSameUser(claims, await lately(claims.sessionId));
    },

    async verifyAll(credentials) {
      const verified = await Promise.all(
        credentials.map(async (credential) => ({ credential, claims: await tokens.verify(credential) })),
      );
      const sessionIds = new Set(verified.flatMap(({ claims }) => claims?.sessionId ?? []));
      const callers = sessionIds.size > 0 ? await read([...sessionIds]) : new Map<string, Caller>();
      return new Map(
        verified.flatMap(({ credential, claims }) => {
          const caller = claims && ofSameUser(claims, callers.get(claims.sessionId));
          return caller ? [[credential, caller] as const] : [];
        }),
      );
    },
  };
}

const ofSameUser = ({ userId }: AccessClaims, caller: Caller | undefined): Caller | undefined =>
  caller?.id === userId ? caller : undefined;
