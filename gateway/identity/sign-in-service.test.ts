import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../schema/errors.js';
import type { User } from '../../schema/user.js';
import type { AuditedAct } from '../admin/audit-log.js';
import { anonymous, type Caller, keyCaller, userCaller } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import type { Refreshed } from './sessions.js';
import { createSignInService } from './sign-in-service.js';

const ada: User = {
  ...{ _id: 'user_ada', email: 'ada@example.com', name: 'Ada', passwordHash: 'hash of ada' },
  createdAt: new Date(0),
};
const tokens = { accessToken: 'access', refreshToken: 'refresh', expiresAt: new Date(0) };

/** The service over fakes that write down, in order, what they are asked. */
function withService(options: { isThrottled?: boolean; refreshed?: Refreshed } = {}) {
  const asked: unknown[] = [];
  const note = <T>(entry: unknown, answer: T): Promise<T> => {
    asked.push(entry);
    return Promise.resolve(answer);
  };
  const service = createSignInService({
    users: {
      findByEmail: (email) => Promise.resolve(email === ada.email ? ada : undefined),
      findById: (id) => Promise.resolve(id === ada._id ? ada : undefined),
    },
    passwords: {
      verify: (hash, password) => note(['verify', hash], hash === ada.passwordHash && password === 'right'),
    },
    sessions: {
      open: (userId) => note(['open', userId], tokens),
      refresh: () => Promise.resolve(options.refreshed ?? { outcome: 'REFUSED' }),
      revoke: (id) => note(['revoke', id], undefined),
    },
    throttle: {
      attempt: (attempt) =>
        options.isThrottled
          ? Promise.reject(new AppError('RATE_LIMITED'))
          : note(['attempt', attempt], undefined),
      forgive: (attempt) => note(['forgive', attempt], undefined),
    },
    audit: {
      async record(act: AuditedAct, _origin: OperationOrigin, work) {
        asked.push(act);
        return work();
      },
    },
  });
  return { service, asked };
}

const originOf = (caller: Caller): OperationOrigin => ({
  ...{ caller, requestId: 'request-1', address: '192.0.2.1' },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
const nobody = originOf(anonymous);
const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('signing in', () => {
  it('counts the attempt first, and takes it back when it succeeds', async () => {
    const { service, asked } = withService();
    const email = ' ADA@example.com';
    expect(await service.signIn({ email, password: 'right' }, nobody)).toEqual({ user: ada, tokens });
    const attempt = { account: ada.email, address: '192.0.2.1' };
    expect(asked).toEqual([
      ['attempt', attempt],
      { action: 'signIn', target: ada._id, details: { email: ada.email } },
      ['verify', ada.passwordHash],
      ['forgive', attempt],
      ['open', ada._id],
    ]);
  });

  it('does the same work, and says the same, for a wrong password and for no account', async () => {
    const errors = [];
    for (const email of [ada.email, 'nobody@example.com']) {
      const { service, asked } = withService();
      const failing = service.signIn({ email, password: 'wrong' }, nobody);
      errors.push(await failing.catch((error: unknown) => error));
      expect(asked.map((entry) => (Array.isArray(entry) ? (entry as string[])[0] : 'audit'))).toEqual([
        'attempt',
        'audit',
        'verify',
      ]);
    }
    expect(errors[0]).toEqual(unauthenticated);
    expect(errors[1]).toEqual(errors[0]);
  });

  it('does nothing once it was tried too often', async () => {
    const { service, asked } = withService({ isThrottled: true });
    const failing = service.signIn({ email: ada.email, password: 'right' }, nobody);
    await expect(failing).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(asked).toEqual([]);
  });
});

describe('refreshing a session', () => {
  it('gives the new tokens to its user, and is no privileged act', async () => {
    const { service, asked } = withService({ refreshed: { outcome: 'REFRESHED', userId: ada._id, tokens } });
    expect(await service.refresh('refresh', nobody)).toEqual({ user: ada, tokens });
    expect(asked).toEqual([]);
  });

  it.each<[string, Refreshed, number]>([
    ['of a session that is over', { outcome: 'REFUSED' }, 0],
    ['of a user who is gone', { outcome: 'REFRESHED', userId: 'user_gone', tokens }, 0],
    ['with a used token, which is written down', { outcome: 'REUSED', userId: ada._id, sessionId: 's' }, 1],
  ])('is refused %s', async (_what, refreshed, entries) => {
    const { service, asked } = withService({ refreshed });
    await expect(service.refresh('refresh', nobody)).rejects.toEqual(unauthenticated);
    expect(asked).toHaveLength(entries);
  });
});

describe('signing out', () => {
  it('ends the session of who asks, and is nothing for a key', async () => {
    const { service, asked } = withService();
    await service.signOut(originOf(userCaller(ada, [], 'session_a')));
    expect(asked).toEqual([{ action: 'signOut', target: ada._id }, ['revoke', 'session_a']]);
    const key = keyCaller({ keyId: 'key_a', scopes: ['admin'] });
    await expect(service.signOut(originOf(key))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
