import { describe, expect, it } from '@jest/globals';
import { AuditEntry } from '../../schema/audit-entry.js';
import { Membership } from '../../schema/membership.js';
import { Organization } from '../../schema/organization.js';
import { Session } from '../../schema/session.js';
import { User } from '../../schema/user.js';
import { eventually, withGateway } from './gateway-fixture.js';
import {
  SLOW_MS,
  ada,
  codes,
  password,
  quiet,
  refresh,
  refused,
  signIn,
  signOut,
  signUp,
  viewer,
} from './gateway-identity-operations.js';
import { createUser } from './gateway-users.js';

describe('signing up', () => {
  it('makes the first user the super admin and the owner of an organization, and one alone of many', () =>
    withGateway(quiet, async ({ url, db }) => {
      const names = ['ada', 'bob', 'cleo', 'dora', 'emil', 'finn'];
      const answers = await Promise.all(
        names.map((name) =>
          signUp({ url }, { ...ada, email: `${name}@example.com`, organizationName: 'Films' }),
        ),
      );
      const [first, ...others] = answers.flatMap(({ data }) => data?.signUp ?? []);
      expect(others).toEqual([]);
      expect(answers.filter(({ errors }) => errors).map(codes)).toEqual(Array(5).fill(['FORBIDDEN']));
      expect(await db.model(User).countDocuments()).toBe(1);
      const owned = await db.model(Membership).find().lean<Membership[]>();
      expect(owned).toMatchObject([{ userId: first?.user.id, role: 'OWNER' }]);
      expect(await db.model(Organization).findById(owned[0]?.organizationId)).toMatchObject({
        name: 'Films',
      });
      const { data } = await viewer({ url, key: first?.accessToken });
      expect(data).toMatchObject({ viewer: { kind: 'USER', roles: ['SUPER_ADMIN'] } });
    }));

  it('needs an invitation after that', () =>
    withGateway(quiet, async ({ url, db }) => {
      await signUp({ url }, ada);
      const bob = { ...ada, email: 'bob@example.com' };
      expect(await signUp({ url }, bob)).toMatchObject(refused('FORBIDDEN'));
      expect(await signUp({ url }, { ...bob, invitation: 'invented' })).toMatchObject(
        refused('BAD_USER_INPUT'),
      );
      expect(await db.model(User).countDocuments()).toBe(1);
      const made = await db
        .model(AuditEntry)
        .find({ action: 'signUp' })
        .sort({ _id: 1 })
        .lean<AuditEntry[]>();
      expect(made.map(({ actor, result }) => ({ actor, result }))).toEqual([
        { actor: 'anonymous', result: 'OK' },
        { actor: 'anonymous', result: 'FORBIDDEN' },
        { actor: 'anonymous', result: 'BAD_USER_INPUT' },
      ]);
    }));

  it('is for everybody where the installation is open, each with an organization of their own', () =>
    withGateway({ ...quiet, signUp: 'open' }, async ({ url, db }) => {
      await signUp({ url }, ada);
      const { data } = await signUp({ url }, { ...ada, email: ' BOB@Example.com ' });
      const { accessToken, user } = data?.signUp ?? {};
      expect(user).toMatchObject({ email: 'bob@example.com' });
      const [own] = await db.model(Membership).find({ userId: user?.id }).lean<Membership[]>();
      expect((await viewer({ url, key: accessToken })).data).toMatchObject({
        viewer: { kind: 'USER', organization: { id: own?.organizationId }, roles: [] },
      });
      expect(await signUp({ url }, { ...ada, email: 'Bob@example.com' })).toMatchObject(refused('CONFLICT'));
    }));

  it.each([
    ['email', { email: 'nobody' }],
    ['password', { password: 'qwertyuiop' }],
    ['password', { password: ada.email }],
    ['name', { name: ' \n ' }],
    ['name', { name: 'x'.repeat(101) }],
  ])('asks for a good %s', (field, changes) =>
    withGateway(quiet, async ({ url, db }) => {
      expect(await signUp({ url }, { ...ada, ...changes })).toMatchObject(
        refused('BAD_USER_INPUT', { field }),
      );
      expect(await db.model(User).countDocuments()).toBe(0);
    }),
  );
});

describe('signing in', () => {
  it(
    'and out again',
    () =>
      withGateway(quiet, async ({ url, db }) => {
        await signUp({ url }, ada);
        const { data } = await signIn({ url }, { email: 'ADA@example.com', password });
        const { accessToken: key, refreshToken = '', expiresAt = '', user } = data?.signIn ?? {};
        expect(user).toMatchObject({ email: ada.email, name: 'Ada' });
        expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 14 * 60_000);
        expect((await signOut({ url, key })).data).toEqual({ signOut: true });
        expect(await refresh({ url }, refreshToken)).toMatchObject(refused('UNAUTHENTICATED'));
        await eventually(async () => (await viewer({ url, key })).status === 401);
        const acts = await db.model(AuditEntry).find({ action: 'signOut' }).lean<AuditEntry[]>();
        expect(acts).toMatchObject([{ actor: user?.id, target: user?.id, result: 'OK' }]);
      }),
    SLOW_MS,
  );

  it('tells nobody whether there is an account, and leaves word of both', () =>
    withGateway(quiet, async ({ url, db }) => {
      const { userId, email } = await createUser(db, { password });
      const answers = await Promise.all([
        signIn({ url }, { email, password: 'a wrong guess' }),
        signIn({ url }, { email: 'nobody@example.com', password: 'a wrong guess' }),
        signIn({ url }, { email: (await createUser(db)).email, password: 'a wrong guess' }),
      ]);
      const [known] = answers;
      expect(known).toMatchObject({ status: 401, ...refused('UNAUTHENTICATED') });
      for (const { status, data, errors } of answers) {
        expect({ status, data, errors }).toEqual({ status: 401, data: known?.data, errors: known?.errors });
      }
      const failures = await db.model(AuditEntry).find({ action: 'signIn' }).lean<AuditEntry[]>();
      expect(failures).toHaveLength(3);
      expect(failures.find(({ target }) => target === userId)).toMatchObject({
        ...{ actor: 'anonymous', result: 'UNAUTHENTICATED', details: { email } },
        address: '127.0.0.1',
      });
    }));

  it(
    'is throttled by account, known or not, until somebody succeeds',
    () =>
      withGateway(quiet, async ({ url, db }) => {
        const { email } = await createUser(db, { password });
        const other = await createUser(db, { password });
        const guess = (account: string) => signIn({ url }, { email: account, password: 'a wrong guess' });
        for (let time = 0; time < 9; time += 1) await guess(email);
        expect((await signIn({ url }, { email, password })).data?.signIn.user.email).toBe(email);
        for (const account of [email, 'nobody@example.com']) {
          for (let time = 0; time < 10; time += 1)
            expect(codes(await guess(account))).toEqual(['UNAUTHENTICATED']);
          const { errors } = await signIn({ url }, { email: account, password });
          expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
          expect(errors?.[0]?.extensions['retryAfterSeconds']).toBeGreaterThan(800);
        }
        expect((await signIn({ url }, { email: other.email, password })).errors).toBeUndefined();
      }),
    SLOW_MS,
  );
});

describe('a refresh token', () => {
  it(
    'is good once: who uses it again ends the session for all who have it',
    () =>
      withGateway(quiet, async ({ url, db }) => {
        const { userId, refreshToken: stolen } = await createUser(db);
        const { data } = await refresh({ url }, stolen);
        const { refreshToken = '', accessToken: key } = data?.refreshSession ?? {};
        expect((await viewer({ url, key })).status).toBe(200);
        for (const token of [stolen, refreshToken, 'invented']) {
          expect(await refresh({ url }, token)).toMatchObject({ status: 401, ...refused('UNAUTHENTICATED') });
        }
        await eventually(async () => (await viewer({ url, key })).status === 401);
        const reuses = await db.model(AuditEntry).find({ action: 'refreshSession' }).lean<AuditEntry[]>();
        expect(reuses).toMatchObject([{ target: userId, details: { reused: true } }]);
      }),
    SLOW_MS,
  );

  it('is exchanged by one of several at once', () =>
    withGateway(quiet, async ({ url, db }) => {
      const { refreshToken } = await createUser(db);
      const answers = await Promise.all(Array.from({ length: 5 }, () => refresh({ url }, refreshToken)));
      expect(answers.filter(({ data }) => data).length).toBeLessThanOrEqual(1);
      const [only] = await db.model(Session).find().lean<Session[]>();
      expect(only?.revokedAt).toBeDefined();
    }));
});
