import { describe, expect, it } from '@jest/globals';
import type { User } from '../../schema/user.js';
import { anonymous, type Caller, userCaller } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import { createPasswordService, type PasswordDeps } from './password-service.js';

const hashOf = (password: string): string => `hash of ${password}`;

/** The service over one user in memory; a link's token is its claims as JSON. */
function withService(mailer: Partial<PasswordDeps['mailer']> = {}) {
  const ada: User = {
    ...{ _id: 'user_ada', email: 'ada@example.com', name: 'Ada', passwordHash: hashOf('the first one') },
    createdAt: new Date(0),
  };
  const state = { ada, ended: [] as string[], sent: [] as { to: string; text: string }[], logged: 0 };
  const nothing = () => Promise.resolve();
  const service = createPasswordService({
    users: {
      findByEmail: (email) => Promise.resolve(email === ada.email ? { ...ada } : undefined),
      findById: (id) => Promise.resolve(id === ada._id ? { ...ada } : undefined),
      replacePassword(user, passwordHash) {
        if (user.passwordHash !== ada.passwordHash) return Promise.resolve(false);
        ada.passwordHash = passwordHash;
        return Promise.resolve(true);
      },
    },
    passwords: {
      hash: (password) => Promise.resolve(hashOf(password)),
      verify: (hash, password) => Promise.resolve(hash === hashOf(password)),
    },
    sessions: {
      revokeAll: (userId, except) => Promise.resolve(void state.ended.push(`${userId} but ${except}`)),
    },
    links: {
      sign: (_purpose, claims) => Promise.resolve(encodeURIComponent(JSON.stringify(claims))),
      open: (_purpose, token) =>
        Promise.resolve(
          token.startsWith('%7B')
            ? (JSON.parse(decodeURIComponent(token)) as Record<string, string>)
            : undefined,
        ),
    },
    mailer: {
      isConfigured: true,
      send: (mail) => Promise.resolve(void state.sent.push(mail)),
      ...mailer,
    },
    publicAppUrl: 'https://gateway.test',
    guesses: { attempt: nothing, forgive: nothing },
    requests: { attempt: nothing },
    audit: { record: (_act, _origin, work) => work() },
  });
  const originOf = (caller: Caller): OperationOrigin => ({
    ...{ caller, requestId: 'request-1' },
    log: { info: () => undefined, warn: () => undefined, error: () => (state.logged += 1) },
  });
  return {
    ...{ service, state },
    nobody: originOf(anonymous),
    asAda: originOf(userCaller(ada, [], 'session_a')),
  };
}

/** Lets go on what nobody waits for. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const badInput = (field: string) => expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field } });
const tokenIn = (mail: { text: string } | undefined): string => /#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';

describe('changing a password', () => {
  it('needs the current one and a good new one, and ends the other sessions', async () => {
    const { service, state, asAda } = withService();
    const change = (currentPassword: string, newPassword: string) =>
      service.change({ currentPassword, newPassword }, asAda);
    await expect(change('a wrong guess', 'the second one')).rejects.toEqual(badInput('currentPassword'));
    await expect(change('the first one', 'password123')).rejects.toEqual(badInput('newPassword'));
    expect(state.ended).toEqual([]);
    await change('the first one', 'the second one');
    expect(state.ada.passwordHash).toBe(hashOf('the second one'));
    expect(state.ended).toEqual(['user_ada but session_a']);
  });
});

describe('a forgotten password', () => {
  it('is set anew once by the link that was sent, and ends every session', async () => {
    const { service, state, nobody } = withService();
    await service.requestReset(' ADA@example.com', nobody);
    await settled();
    expect(state.sent).toMatchObject([{ to: 'ada@example.com' }]);
    expect(state.sent[0]?.text).toMatch(/^https:\/\/gateway\.test\/reset-password#\S+$/m);
    const token = tokenIn(state.sent[0]);
    await expect(service.reset({ token, password: 'short' }, nobody)).rejects.toEqual(badInput('password'));
    await service.reset({ token, password: 'the second one' }, nobody);
    expect(state.ada.passwordHash).toBe(hashOf('the second one'));
    expect(state.ended).toEqual(['user_ada but undefined']);
    const again = service.reset({ token, password: 'the third one' }, nobody);
    await expect(again).rejects.toEqual(badInput('token'));
  });

  it('is not set anew after it was remembered and changed, nor for nobody, nor by any text', async () => {
    const { service, state, nobody, asAda } = withService();
    await service.requestReset('ada@example.com', nobody);
    await settled();
    await service.change({ currentPassword: 'the first one', newPassword: 'the second one' }, asAda);
    const ofNobody = encodeURIComponent(JSON.stringify({ userId: 'user_gone', replaces: '' }));
    for (const token of [tokenIn(state.sent[0]), ofNobody, encodeURIComponent('{}'), 'nonsense']) {
      const resetting = service.reset({ token, password: 'the third one' }, nobody);
      await expect(resetting).rejects.toEqual(badInput('token'));
    }
    expect(state.ada.passwordHash).toBe(hashOf('the second one'));
  });

  it('brings no mail, and the same answer, where nobody has the address', async () => {
    const { service, state, nobody } = withService();
    expect(await service.requestReset('nobody@example.com', nobody)).toBeUndefined();
    await settled();
    expect(state.sent).toEqual([]);
  });

  it('is answered before the mail is on its way; that it failed is for the operator', async () => {
    const mail = Promise.withResolvers<void>();
    const { service, state, nobody } = withService({ send: () => mail.promise });
    await service.requestReset('ada@example.com', nobody);
    mail.reject(new Error('no mail server'));
    await settled();
    expect(state.logged).toBe(1);
  });

  it('cannot be set anew without mail, whoever asks', async () => {
    const { service, nobody } = withService({ isConfigured: false });
    for (const email of ['ada@example.com', 'nobody@example.com', 'nonsense']) {
      await expect(service.requestReset(email, nobody)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
  });
});
