import { describe, expect, it } from '@jest/globals';
import { Role } from '../../schema/permissions.js';
import { type Caller, userCaller } from '../auth/caller.js';
import { createUserCallers } from './user-callers.js';

/** Tokens `<user> <session>`, and what the database would say of their sessions. */
function withCallers() {
  const open = new Map<string, Caller>();
  const state = { open, reads: 0, now: 1_000_000 };
  const callers = createUserCallers({
    tokens: {
      verify(token) {
        const [userId, sessionId] = token.split(' ');
        return Promise.resolve(userId && sessionId ? { userId, sessionId } : undefined);
      },
    },
    store: {
      bySession(ids) {
        state.reads += 1;
        return Promise.resolve(new Map([...open].filter(([id]) => ids.includes(id))));
      },
    },
    now: () => state.now,
  });
  const signIn = (userId: string, sessionId: string, role: Role) =>
    open.set(sessionId, userCaller({ _id: userId }, [{ organizationId: 'o', role }], sessionId));
  return { callers, state, signIn };
}

describe('the caller of an access token', () => {
  it('is its user, with what the database lets them do', async () => {
    const { callers, signIn } = withCallers();
    signIn('ada', 's1', Role.VIEWER);
    expect(await callers.verify('ada s1')).toMatchObject({ kind: 'USER', id: 'ada', sessionId: 's1' });
    expect(await callers.verify('ada s2')).toBeUndefined();
    expect(await callers.verify('nonsense')).toBeUndefined();
  });

  it('is nobody where the session is somebody else’s', async () => {
    const { callers, signIn } = withCallers();
    signIn('ada', 's1', Role.VIEWER);
    expect(await callers.verify('bob s1')).toBeUndefined();
    expect(await callers.verifyAll(['bob s1'])).toEqual(new Map());
  });

  it('has a new role, or none, within five seconds, and is read no more often than that', async () => {
    const { callers, signIn, state } = withCallers();
    signIn('ada', 's1', Role.OWNER);
    const before = await callers.verify('ada s1');
    signIn('ada', 's1', Role.VIEWER);
    state.now += 4_999;
    expect(await callers.verify('ada s1')).toEqual(before);
    expect(state.reads).toBe(1);
    state.now += 1;
    expect(await callers.verify('ada s1')).toEqual(state.open.get('s1'));
    state.open.delete('s1');
    state.now += 5_000;
    expect(await callers.verify('ada s1')).toBeUndefined();
  });

  it('is read at once for many, past what was read before, and that is known from then on', async () => {
    const { callers, signIn, state } = withCallers();
    signIn('ada', 's1', Role.OWNER);
    signIn('bob', 's2', Role.OWNER);
    await callers.verify('ada s1');
    signIn('ada', 's1', Role.VIEWER);
    state.open.delete('s2');
    const all = await callers.verifyAll(['ada s1', 'bob s2', 'eve s3', 'nonsense']);
    expect([...all]).toEqual([['ada s1', state.open.get('s1')]]);
    expect(state.reads).toBe(2);
    expect(await callers.verify('ada s1')).toEqual(state.open.get('s1'));
    expect(await callers.verifyAll([])).toEqual(new Map());
    expect(state.reads).toBe(2);
  });
});

describe('a user', () => {
  it('may do what each role says in its organization; a super admin, everything', () => {
    const roles = [
      { organizationId: 'o1', role: Role.OWNER },
      { organizationId: 'o2', role: Role.VIEWER },
    ];
    const { grants } = userCaller({ _id: 'ada' }, roles, 's1');
    expect(grants.map(({ organizationId }) => organizationId)).toEqual(['o1', 'o2']);
    expect(grants[1]?.permissions).not.toContain('video:write');
    expect(userCaller({ _id: 'ada', isSuperAdmin: true }, [], 's1').grants).toEqual([
      { permissions: ['admin'] },
    ]);
  });
});
