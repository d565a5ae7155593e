import { timingSafeEqual } from 'node:crypto';
import { newId } from '../../schema/ids.js';
import type { Session } from '../../schema/session.js';
import type { AccessTokens } from './access-tokens.js';
import { formatRefreshToken, parseRefreshToken } from './refresh-token.js';
import { hashOfSecret, newSecret } from './random-secret.js';
import type { SessionStore } from './session-store.js';

/** What a user who is signed in acts with. */
export interface SessionTokens {
  accessToken: string;
  /** Good once. */
  refreshToken: string;
  /** Of the access token. */
  expiresAt: Date;
}

/** What came of a refresh token. */
export type Refreshed =
  | { outcome: 'REFRESHED'; userId: string; tokens: SessionTokens }
  /** Not one of ours, or its session is over. */
  | { outcome: 'REFUSED' }
  /** It was used before: somebody else has it, and the session is over for both. */
  | { outcome: 'REUSED'; userId: string; sessionId: string };

/** Users who are signed in: one session for each of their devices. */
export interface Sessions {
  open(userId: string): Promise<SessionTokens>;
  /** Exchanges a refresh token for new ones. */
  refresh(refreshToken: string): Promise<Refreshed>;
  revoke(sessionId: string): Promise<void>;
  /** Ends what sessions the user has, but this one. */
  revokeAll(userId: string, exceptSessionId?: string): Promise<void>;
}

/** A session that is not refreshed for this long is over. */
const LIFETIME_MS = 30 * 86_400_000;

export function createSessions(deps: {
  store: SessionStore;
  tokens: Pick<AccessTokens, 'sign'>;
  now?: () => number;
}): Sessions {
  const { store } = deps;
  const now = deps.now ?? Date.now;

  async function tokensOf(
    session: Pick<Session, '_id' | 'userId'>,
    rotation: number,
    secret: string,
  ): Promise<SessionTokens> {
    const { _id: sessionId, userId } = session;
    const { token: accessToken, expiresAt } = await deps.tokens.sign({ userId, sessionId });
    return { accessToken, refreshToken: formatRefreshToken({ sessionId, rotation, secret }), expiresAt };
  }

  async function rotate(session: Session): Promise<SessionTokens | undefined> {
    const secret = newSecret();
    const expiresAt = new Date(now() + LIFETIME_MS);
    const isOurs = await store.rotate(session, { secretHash: hashOfSecret(secret), expiresAt });
    return isOurs ? tokensOf(session, session.rotation + 1, secret) : undefined;
  }

  async function refresh(refreshToken: string): Promise<Refreshed> {
    const given = parseRefreshToken(refreshToken);
    const session = given && (await store.find(given.sessionId));
    if (!session || !isActive(session, now())) return { outcome: 'REFUSED' };
    const { userId, _id: sessionId } = session;
    const hash = hashOfSecret(given.secret);
    if (session.usedHashes.includes(hash)) {
      await store.revoke(sessionId);
      return { outcome: 'REUSED', userId, sessionId };
    }
    if (given.rotation !== session.rotation || !isSame(hash, session.secretHash))
      return { outcome: 'REFUSED' };
    const tokens = await rotate(session);
    // Where somebody was quicker, the session is another one by now: what holds for it, holds for this token.
    return tokens ? { outcome: 'REFRESHED', userId, tokens } : refresh(refreshToken);
  }

  return {
    refresh,

    async open(userId) {
      const session = { _id: newId('session'), userId };
      const secret = newSecret();
      await store.add({
        ...session,
        rotation: 0,
        secretHash: hashOfSecret(secret),
        usedHashes: [],
        expiresAt: new Date(now() + LIFETIME_MS),
      });
      return tokensOf(session, 0, secret);
    },

    revoke: (sessionId) => store.revoke(sessionId),

    revokeAll: (userId, exceptSessionId) => store.revokeAll(userId, exceptSessionId),
  };
}

const isActive = ({ revokedAt, expiresAt }: Session, now: number): boolean =>
  revokedAt === undefined && expiresAt.getTime() > now;

const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));
