import { describe, expect, it } from '@jest/globals';
import type { ClientSession } from 'mongoose';
import { Role } from '../../schema/permissions.js';
import { AppError } from '../../schema/errors.js';
import { anonymous } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import { createSignUpService, type SignUpPolicy, type SignUpRequest } from './sign-up-service.js';
import type { NewUser } from './user-store.js';

const bob = { email: 'bob@example.com', password: 'a good password', name: 'Bob' };
const createdAt = new Date(0);

/** What a transaction has made so far stands in its session. */
const madeIn = (session?: ClientSession): unknown[] => (session as unknown as { made: unknown[] }).made;

/** The service over fakes that write down what was made, where it was made in a transaction that went through. */
function withService(options: { policy?: SignUpPolicy; isClaimed?: boolean }) {
  const state = { isClaimed: options.isClaimed ?? false, made: [] as unknown[], hashed: 0 };
  const tokens = { accessToken: 'access', refreshToken: 'refresh', expiresAt: createdAt };
  const service = createSignUpService({
    db: {
      async transaction(work) {
        const session = { made: [] } as unknown as ClientSession;
        const result = await work(session);
        state.made.push(...madeIn(session));
        return result;
      },
    },
    users: {
      create(user: NewUser, session) {
        madeIn(session).push({ email: user.email, isSuperAdmin: user.isSuperAdmin });
        return Promise.resolve({ _id: 'user_a', createdAt, ...user });
      },
    },
    passwords: {
      hash(password) {
        state.hashed += 1;
        return Promise.resolve(`hash of ${password}`);
      },
    },
    sessions: { open: () => Promise.resolve(tokens) },
    installation: {
      isClaimed: () => Promise.resolve(state.isClaimed),
      claim() {
        const isFirst = !state.isClaimed;
        state.isClaimed = true;
        return Promise.resolve(isFirst);
      },
    },
    organizations: {
      create(name, session) {
        madeIn(session).push({ organization: name });
        return Promise.resolve({ _id: 'org_a', name, createdAt });
      },
    },
    members: {
      add(userId, organizationId, role, session) {
        madeIn(session).push({ role });
        return Promise.resolve({ _id: 'member_a', userId, organizationId, role, createdAt });
      },
    },
    invitations: {
      accept(token, userId, session) {
        if (token !== 'good') return Promise.reject(new AppError('BAD_USER_INPUT', { field: 'token' }));
        madeIn(session).push({ accepted: token });
        const organizationId = 'org_a';
        return Promise.resolve({ _id: 'member_a', userId, organizationId, role: Role.MEMBER, createdAt });
      },
    },
    throttle: { attempt: () => Promise.resolve() },
    audit: { record: (_act, _origin, work) => work() },
    policy: options.policy ?? 'invitation',
  });
  const origin: OperationOrigin = {
    ...{ caller: anonymous, requestId: 'request-1' },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  return {
    state,
    signUp: (changes: Partial<SignUpRequest> = {}) => service.signUp({ ...bob, ...changes }, origin),
  };
}

const { email } = bob;
const superAdmin = { email, isSuperAdmin: true };
const user = { email, isSuperAdmin: undefined };
const owner = { role: 'OWNER' };
const own = { organization: 'Bob’s organization' };

describe('who signs up', () => {
  it.each([
    ['first', {}, {}, [superAdmin, own, owner]],
    ['first, with a name', {}, { organizationName: 'Films' }, [superAdmin, { organization: 'Films' }, owner]],
    ['first, with an invitation from elsewhere', {}, { invitation: 'old' }, [superAdmin, own, owner]],
    ['by invitation', { isClaimed: true }, { invitation: 'good' }, [user, { accepted: 'good' }]],
    ['where all may', { isClaimed: true, policy: 'open' as const }, {}, [user, own, owner]],
    [
      'by invitation where all may',
      { isClaimed: true, policy: 'open' as const },
      { invitation: 'good' },
      [user, { accepted: 'good' }],
    ],
  ])('%s has a place', async (_who, options, request, made) => {
    const { state, signUp } = withService(options);
    const { user: signedUp } = await signUp(request);
    expect(signedUp).toMatchObject({ email, name: 'Bob', passwordHash: 'hash of a good password' });
    expect(state.made).toEqual(made);
  });

  it('uninvited is told so before any work', async () => {
    const { state, signUp } = withService({ isClaimed: true });
    await expect(signUp()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(state).toMatchObject({ made: [], hashed: 0 });
  });

  it('second, of two who come first, is told so all the same', async () => {
    const { state, signUp } = withService({});
    const results = await Promise.allSettled([signUp(), signUp()]);
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'FORBIDDEN' } },
    ]);
    expect(state.made).toEqual([superAdmin, own, owner]);
  });

  it('by an invitation that is not good has no account', async () => {
    const { state, signUp } = withService({ isClaimed: true });
    await expect(signUp({ invitation: 'used' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(state.made).toEqual([]);
  });

  it.each([
    ['email', { email: 'bob' }],
    ['name', { name: '\u202e ' }],
    ['password', { password: 'bob@example.com' }],
  ])('says a good %s', async (field, changes) => {
    const { state, signUp } = withService({});
    await expect(signUp(changes)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
    expect(state).toMatchObject({ made: [], isClaimed: false });
  });
});
