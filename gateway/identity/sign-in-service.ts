import { AppError } from '../../schema/errors.js';
import type { AuditLog } from '../admin/audit-log.js';
import { requireUser } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import { normalizeEmail } from './email.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';
import type { SignedIn } from './signed-in.js';
import type { Throttle } from './throttle.js';
import type { UserStore } from './user-store.js';

export interface SignInService {
  /**
   * Whether there is no such account or the password is wrong can be told neither by the answer nor by its time.
   * @throws AppError BAD_USER_INPUT (email), UNAUTHENTICATED, RATE_LIMITED
   */
  signIn(given: { email: string; password: string }, origin: OperationOrigin): Promise<SignedIn>;
  /** @throws AppError UNAUTHENTICATED */
  refresh(refreshToken: string, origin: OperationOrigin): Promise<SignedIn>;
  /** @throws AppError FORBIDDEN for a key */
  signOut(origin: OperationOrigin): Promise<void>;
}

export function createSignInService(deps: {
  users: Pick<UserStore, 'findByEmail' | 'findById'>;
  passwords: Pick<Passwords, 'verify'>;
  sessions: Pick<Sessions, 'open' | 'refresh' | 'revoke'>;
  throttle: Throttle;
  audit: Pick<AuditLog, 'record'>;
}): SignInService {
  const { users, passwords, sessions, throttle, audit } = deps;

  return {
    async signIn({ email: text, password }, origin) {
      const email = normalizeEmail(text);
      const attempt = { account: email, address: origin.address };
      await throttle.attempt(attempt);
      const user = await users.findByEmail(email);
      const act = { action: 'signIn', target: user?._id, details: { email } };
      return audit.record(act, origin, async () => {
        const isRight = await passwords.verify(user?.passwordHash, password);
        if (!user || !isRight) throw refused('The address or the password is wrong.');
        await throttle.forgive(attempt);
        return { user, tokens: await sessions.open(user._id) };
      });
    },

    async refresh(refreshToken, origin) {
      const over = refused('The session is over: sign in again.');
      const result = await sessions.refresh(refreshToken);
      if (result.outcome === 'REUSED') {
        const { userId: target, sessionId } = result;
        const act = { action: 'refreshSession', target, details: { sessionId, reused: true } };
        return audit.record(act, origin, () => Promise.reject(over));
      }
      const user = result.outcome === 'REFRESHED' ? await users.findById(result.userId) : undefined;
      if (result.outcome === 'REFUSED' || !user) throw over;
      return { user, tokens: result.tokens };
    },

    async signOut(origin) {
      const { userId, sessionId } = requireUser(origin.caller);
      await audit.record({ action: 'signOut', target: userId }, origin, () => sessions.revoke(sessionId));
    },
  };
}

const refused = (message: string): AppError => new AppError('UNAUTHENTICATED', { message });
