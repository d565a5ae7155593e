import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Session } from '../../schema/session.js';
import { newSecret } from './random-secret.js';
import { formatRefreshToken, parseRefreshToken } from './refresh-token.js';
import type { SessionStore } from './session-store.js';
import { createSessions, type Refreshed } from './sessions.js';

const DAY_MS = 86_400_000;

/** Sessions that are kept in memory, as the database keeps them. */
function withSessions() {
  const stored = new Map<string, Session>();
  let now = 1_800_000_000_000;
  const isActive = (id: string) => stored.get(id)?.revokedAt === undefined;
  const change = (id: string, changes: Partial<Session>) => {
    const session = stored.get(id);
    if (session) stored.set(id, { ...session, ...changes });
  };
  const store: SessionStore = {
    add: (session) => Promise.resolve(void stored.set(session._id, { ...session, createdAt: new Date(now) })),
    find: (id) => Promise.resolve(stored.get(id)),
    rotate({ _id, rotation, secretHash }, to) {
      const held = stored.get(_id);
      if (held?.rotation !== rotation || held.secretHash !== secretHash || !isActive(_id))
        return Promise.resolve(false);
      const usedHashes = [...held.usedHashes, secretHash].slice(-10);
      change(_id, { ...to, usedHashes, rotation: rotation + 1 });
      return Promise.resolve(true);
    },
    revoke: (id) => Promise.resolve(change(id, { revokedAt: new Date(now) })),
    revokeAll(userId, exceptId) {
      for (const session of stored.values()) {
        if (session.userId === userId && session._id !== exceptId)
          change(session._id, { revokedAt: new Date(now) });
      }
      return Promise.resolve();
    },
  };
  const tokens = {
    sign: ({ userId, sessionId }: { userId: string; sessionId: string }) =>
      Promise.resolve({ token: `${userId} ${sessionId}`, expiresAt: new Date(now + 1) }),
  };
  return {
    stored,
    sessions: createSessions({ store, tokens, now: () => now }),
    pass: (ms: number) => (now += ms),
  };
}

const refreshed = (result: Refreshed): string => {
  if (result.outcome !== 'REFRESHED') throw new Error(result.outcome);
  return result.tokens.refreshToken;
};

/** A token of the same session and rotation with a secret of our own. */
const invented = (token: string, rotation = parseRefreshToken(token)?.rotation ?? 0): string => {
  const sessionId = parseRefreshToken(token)?.sessionId ?? '';
  return formatRefreshToken({ sessionId, rotation, secret: newSecret() });
};

describe('a session', () => {
  it('goes on by exchanging its refresh token, of which only a hash is kept', async () => {
    const { sessions, stored } = withSessions();
    const first = await sessions.open('user_a');
    const sessionId = parseRefreshToken(first.refreshToken)?.sessionId;
    expect(first.accessToken).toBe(`user_a ${sessionId}`);
    const result = await sessions.refresh(first.refreshToken);
    expect(result).toMatchObject({ outcome: 'REFRESHED', userId: 'user_a' });
    const second = refreshed(result);
    expect(parseRefreshToken(second)).toMatchObject({ sessionId, rotation: 1 });
    for (const token of [first.refreshToken, second]) {
      expect(JSON.stringify([...stored.values()])).not.toContain(parseRefreshToken(token)?.secret);
    }
  });

  it('is over thirty days after it was last refreshed', async () => {
    const { sessions, pass } = withSessions();
    const { refreshToken } = await sessions.open('user_a');
    pass(30 * DAY_MS - 1);
    const next = refreshed(await sessions.refresh(refreshToken));
    pass(30 * DAY_MS);
    expect(await sessions.refresh(next)).toEqual({ outcome: 'REFUSED' });
  });

  it('is over for the thief and the robbed when a token is used twice', async () => {
    const { sessions } = withSessions();
    const { refreshToken: stolen } = await sessions.open('user_a');
    const next = refreshed(await sessions.refresh(stolen));
    expect(await sessions.refresh(stolen)).toMatchObject({ outcome: 'REUSED', userId: 'user_a' });
    expect(await sessions.refresh(next)).toEqual({ outcome: 'REFUSED' });
    expect(await sessions.refresh(stolen)).toEqual({ outcome: 'REFUSED' });
  });

  it('is over when two use a token at once, of whom one is refreshed at most', async () => {
    const { sessions } = withSessions();
    const { refreshToken } = await sessions.open('user_a');
    const results = await Promise.all([sessions.refresh(refreshToken), sessions.refresh(refreshToken)]);
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['REFRESHED', 'REUSED']);
    const [next] = results.flatMap((result) => (result.outcome === 'REFRESHED' ? [refreshed(result)] : []));
    expect(await sessions.refresh(next ?? '')).toEqual({ outcome: 'REFUSED' });
  });

  it('is not ended by who invents a token', async () => {
    const { sessions } = withSessions();
    const { refreshToken } = await sessions.open('user_a');
    const next = refreshed(await sessions.refresh(refreshToken));
    for (const token of [invented(next), invented(next, 0), invented(next, 7), 'spr_', '']) {
      expect(await sessions.refresh(token)).toEqual({ outcome: 'REFUSED' });
    }
    expect(await sessions.refresh(next)).toMatchObject({ outcome: 'REFRESHED' });
  });

  it('ends alone, or with the others of its user', async () => {
    const { sessions } = withSessions();
    const [one, other, kept, foreign] = await Promise.all(
      ['user_a', 'user_a', 'user_a', 'user_b'].map((userId) => sessions.open(userId)),
    );
    const idOf = (tokens = one) => parseRefreshToken(tokens?.refreshToken ?? '')?.sessionId ?? '';
    const outcomes = () =>
      Promise.all([one, other, kept, foreign].map((tokens) => sessions.refresh(tokens?.refreshToken ?? '')));
    await sessions.revoke(idOf(one));
    await sessions.revokeAll('user_a', idOf(kept));
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual([
      'REFUSED',
      'REFUSED',
      'REFRESHED',
      'REFRESHED',
    ]);
  });

  it('lives exactly until one of its last ten used tokens is shown', async () => {
    const act = fc.oneof(
      fc.constant({ kind: 'current' as const }),
      fc.constant({ kind: 'invented' as const }),
      fc.record({ kind: fc.constant('old' as const), back: fc.integer({ min: 1, max: 15 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const { sessions } = withSessions();
        const tokens = [(await sessions.open('user_a')).refreshToken];
        let isOver = false;
        for (const step of acts) {
          const current = tokens.at(-1) ?? '';
          const old = step.kind === 'old' ? tokens.at(-1 - step.back) : undefined;
          const shown = step.kind === 'invented' ? invented(current) : step.kind === 'old' ? old : current;
          if (shown === undefined) continue;
          const result = await sessions.refresh(shown);
          const isReuse = step.kind === 'old' && step.back <= 10;
          const alive = step.kind === 'current' ? 'REFRESHED' : isReuse ? 'REUSED' : 'REFUSED';
          expect(result.outcome).toBe(isOver ? 'REFUSED' : alive);
          if (result.outcome === 'REFRESHED') tokens.push(result.tokens.refreshToken);
          isOver ||= isReuse;
        }
      }),
    );
  });
});
