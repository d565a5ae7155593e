import { createHash } from 'node:crypto';
import { AppError } from '../../schema/errors.js';
import type { User } from '../../schema/user.js';
import type { AuditLog } from '../admin/audit-log.js';
import { requireUser } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import { appLink } from './app-link.js';
import { normalizeEmail } from './email.js';
import { passwordResetMail } from './mail-texts.js';
import type { Mailer } from './mailer.js';
import type { OneTimeTokens } from './one-time-tokens.js';
import { checkPassword } from './password-rules.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';
import type { Throttle } from './throttle.js';
import type { UserStore } from './user-store.js';

export interface PasswordService {
  /**
   * Ends the user's other sessions.
   * @throws AppError FORBIDDEN for a key, BAD_USER_INPUT (currentPassword, newPassword), CONFLICT, RATE_LIMITED
   */
  change(given: { currentPassword: string; newPassword: string }, origin: OperationOrigin): Promise<void>;
  /**
   * Sends a link to the address, if somebody has an account with it: nobody else learns whether.
   * @throws AppError UNAVAILABLE where no mail can be sent, BAD_USER_INPUT (email), RATE_LIMITED
   */
  requestReset(email: string, origin: OperationOrigin): Promise<void>;
  /**
   * Ends all sessions of the user.
   * @throws AppError BAD_USER_INPUT (token, password)
   */
  reset(given: { token: string; password: string }, origin: OperationOrigin): Promise<void>;
}

export interface PasswordDeps {
  users: Pick<UserStore, 'findByEmail' | 'findById' | 'replacePassword'>;
  passwords: Passwords;
  sessions: Pick<Sessions, 'revokeAll'>;
  links: OneTimeTokens;
  mailer: Mailer;
  publicAppUrl: string;
  guesses: Throttle;
  requests: Pick<Throttle, 'attempt'>;
  audit: Pick<AuditLog, 'record'>;
}

const LINK_SECONDS = 3_600;

export function createPasswordService(deps: PasswordDeps): PasswordService {
  const { users, passwords, sessions, audit } = deps;

  async function currentUser(userId: string): Promise<User> {
    const user = await users.findById(userId);
    if (!user) throw new AppError('UNAUTHENTICATED');
    return user;
  }

  async function sendLink(user: User): Promise<void> {
    const claims = { userId: user._id, replaces: fingerprint(user) };
    const expiresAt = new Date(Date.now() + LINK_SECONDS * 1000);
    const token = await deps.links.sign('password-reset', claims, LINK_SECONDS);
    const url = appLink(deps.publicAppUrl, 'reset-password', token);
    await deps.mailer.send(passwordResetMail({ to: user.email, url, expiresAt }));
  }

  /** The user of a link that was not used yet: once it is, their password is another one. */
  async function userOfLink(token: string): Promise<User> {
    const { userId, replaces } = (await deps.links.open('password-reset', token)) ?? {};
    const user = userId === undefined ? undefined : await users.findById(userId);
    if (!user || fingerprint(user) !== replaces) throw usedLink();
    return user;
  }

  return {
    async change({ currentPassword, newPassword }, origin) {
      const { userId, sessionId } = requireUser(origin.caller);
      const user = await currentUser(userId);
      checkPassword(newPassword, user, 'newPassword');
      const attempt = { account: user.email, address: origin.address };
      await deps.guesses.attempt(attempt);
      await audit.record({ action: 'changePassword', target: userId }, origin, async () => {
        if (!(await passwords.verify(user.passwordHash, currentPassword))) throw wrongPassword();
        await deps.guesses.forgive(attempt);
        if (!(await users.replacePassword(user, await passwords.hash(newPassword)))) throw changedMeanwhile();
        await sessions.revokeAll(userId, sessionId);
      });
    },

    async requestReset(text, origin) {
      if (!deps.mailer.isConfigured) throw noMail();
      const email = normalizeEmail(text);
      await deps.requests.attempt({ account: email, address: origin.address });
      const user = await users.findByEmail(email);
      const act = { action: 'requestPasswordReset', target: user?._id, details: { email } };
      await audit.record(act, origin, () => Promise.resolve());
      // Nobody waits for it: else the answer would tell by its time whether there is such an account.
      if (user)
        void sendLink(user).catch((err: unknown) => origin.log.error({ err }, 'password link not sent'));
    },

    async reset({ token, password }, origin) {
      const user = await userOfLink(token);
      checkPassword(password, user);
      await audit.record({ action: 'resetPassword', target: user._id }, origin, async () => {
        if (!(await users.replacePassword(user, await passwords.hash(password)))) throw usedLink();
        await sessions.revokeAll(user._id);
      });
    },
  };
}

/** Names a password without telling anything about it. */
const fingerprint = ({ passwordHash = '' }: User): string =>
  createHash('sha256').update(passwordHash).digest('base64url');

const usedLink = (): AppError =>
  new AppError('BAD_USER_INPUT', { field: 'token', message: 'The link was used, or has expired.' });

const wrongPassword = (): AppError =>
  new AppError('BAD_USER_INPUT', {
    field: 'currentPassword',
    message: 'This is not the current password.',
  });

const changedMeanwhile = (): AppError =>
  new AppError('CONFLICT', { message: 'The password was changed elsewhere at the same moment.' });

const noMail = (): AppError =>
  new AppError('UNAVAILABLE', { message: 'This installation sends no mail: ask who runs it.' });
