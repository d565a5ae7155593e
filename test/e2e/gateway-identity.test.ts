import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import type { Mailer } from '../../gateway/identity/mailer.js';
import { ApiKey } from '../../schema/api-key.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import { Membership } from '../../schema/membership.js';
import { Organization } from '../../schema/organization.js';
import { Role } from '../../schema/permissions.js';
import { Session } from '../../schema/session.js';
import { User } from '../../schema/user.js';
import { ask, connect, type GraphqlAnswer, type Sender } from './gateway-client.js';
import {
  createTenant,
  eventually,
  type GatewayFixture,
  testGatewayUrl,
  withGateway,
} from './gateway-fixture.js';
import { createUser } from './gateway-users.js';
import { storeVideo } from './gateway-videos.js';

const password = 'correct horse battery';
const ada = { email: 'ada@example.com', password, name: 'Ada' };
const quiet = { kafka: 'silent' } as const;
/** For what takes effect after a few seconds only. */
const SLOW_MS = 20_000;

interface SignedIn {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  user: { id: string; email: string; name: string };
}

const session = '{ accessToken refreshToken expiresAt user { id email name } }';
const signUp = (sender: Sender, input: Record<string, unknown>) =>
  ask<{ signUp: SignedIn }>(sender, `mutation ($input: SignUpInput!) { signUp(input: $input) ${session} }`, {
    input,
  });
const signIn = (sender: Sender, input: Record<string, unknown>) =>
  ask<{ signIn: SignedIn }>(sender, `mutation ($input: SignInInput!) { signIn(input: $input) ${session} }`, {
    input,
  });
const refresh = (sender: Sender, refreshToken: string) =>
  ask<{ refreshSession: SignedIn }>(
    sender,
    `mutation ($token: String!) { refreshSession(refreshToken: $token) ${session} }`,
    { token: refreshToken },
  );
const changePassword = (sender: Sender, input: Record<string, unknown>) =>
  ask(sender, 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }', { input });
const requestReset = (sender: Sender, email: string) =>
  ask(sender, 'mutation ($email: String!) { requestPasswordReset(email: $email) }', { email });
const resetPassword = (sender: Sender, input: Record<string, unknown>) =>
  ask(sender, 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input });
const viewer = (sender: Sender) => ask(sender, '{ viewer { kind organization { id } scopes roles } }');
const signOut = (sender: Sender) => ask(sender, 'mutation { signOut }');

const codes = ({ errors }: GraphqlAnswer<unknown>) => errors?.map(({ extensions }) => extensions.code);
const refused = (code: string, details: object = {}) => ({ errors: [{ extensions: { code, ...details } }] });

/** A mailer whose mails can be waited for. */
function memoryMailer() {
  const sent: { to: string; text: string }[] = [];
  const mailer: Mailer = { isConfigured: true, send: (mail) => Promise.resolve(void sent.push(mail)) };
  return { sent, mailer, tokens: () => sent.map(({ text }) => /#(\S+)/.exec(text)?.[1] ?? '') };
}

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
      expect(await signUp({ url }, { ...bob, invitation: 'invented' })).toMatchObject(refused('NOT_FOUND'));
      expect(await db.model(User).countDocuments()).toBe(1);
      const made = await db
        .model(AuditEntry)
        .find({ action: 'signUp' })
        .sort({ _id: 1 })
        .lean<AuditEntry[]>();
      expect(made.map(({ actor, result }) => ({ actor, result }))).toEqual([
        { actor: 'anonymous', result: 'OK' },
        { actor: 'anonymous', result: 'FORBIDDEN' },
        { actor: 'anonymous', result: 'NOT_FOUND' },
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

describe('an access token', () => {
  it('is verified by others with the published keys', () =>
    withGateway(quiet, async ({ url, db }) => {
      const { accessToken, userId } = await createUser(db);
      const response = await fetch(`${url}/.well-known/jwks.json`);
      expect(response.headers.get('cache-control')).toBe('public, max-age=300');
      const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
      const expected = {
        issuer: testGatewayUrl,
        audience: 'stream-plus',
        typ: 'at+jwt',
        algorithms: ['EdDSA'],
      };
      const { payload } = await jwtVerify(accessToken, keys, expected);
      expect(payload.sub).toBe(userId);
    }));

  it('cannot be made by who has only the public key', () =>
    withGateway(quiet, async ({ url, db }) => {
      const { accessToken } = await createUser(db, { isSuperAdmin: true });
      expect((await viewer({ url, key: accessToken })).status).toBe(200);
      const [header = '', payload = '', signature = ''] = accessToken.split('.');
      const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
      const write = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
      const jwks = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { x: string }[] };
      const hmac = (secret: Uint8Array) =>
        new SignJWT({ ...read(payload) }).setProtectedHeader({ ...read(header), alg: 'HS256' }).sign(secret);
      const forged = [
        `${write({ ...read(header), alg: 'none' })}.${payload}.`,
        `${write({ ...read(header), alg: 'none' })}.${payload}.${signature}`,
        `${header}.${write({ ...read(payload), sub: 'user_other' })}.${signature}`,
        await hmac(Buffer.from(jwks.keys[0]?.x ?? '', 'base64url')),
        await hmac(Buffer.from(JSON.stringify(jwks.keys[0]))),
      ];
      for (const key of forged) expect((await viewer({ url, key })).status).toBe(401);
      expect(createLocalJWKSet(jwks as Parameters<typeof createLocalJWKSet>[0])).toBeDefined();
    }));

  it('reaches as far as the roles of its user', () =>
    withGateway(quiet, async ({ url, db, tenant }) => {
      const foreign = await createTenant(db);
      const { accessToken: key } = await createUser(db, { roles: { [tenant.organizationId]: Role.VIEWER } });
      const video = 'query ($id: ID!) { video(id: $id) { id } }';
      const [own, other] = [await storeVideo(db, tenant), await storeVideo(db, foreign)];
      expect((await ask({ url, key }, video, { id: own })).data).toEqual({ video: { id: own } });
      expect((await ask({ url, key }, video, { id: other })).data).toEqual({ video: null });
      const stop = 'mutation ($id: ID!) { stopVideo(id: $id) { id } }';
      expect(await ask({ url, key }, stop, { id: own })).toMatchObject(refused('FORBIDDEN'));
    }));
});

describe('an open connection', () => {
  const subscription = 'subscription ($id: ID!) { videoProgress(videoId: $id) { sequence } }';

  /** Subscribes to a video that goes on; resolves with the code its connection is closed with, and when. */
  async function closedAfter(sender: Sender, id: string, change: () => Promise<unknown>) {
    const ended = Promise.withResolvers<number>();
    const started = Promise.withResolvers<void>();
    const client = connect(sender, ended.resolve);
    client.subscribe(
      { query: subscription, variables: { id } },
      { next: () => started.resolve(), error: () => undefined, complete: () => undefined },
    );
    await started.promise;
    await change();
    const changedAt = performance.now();
    const code = await ended.promise;
    await client.dispose();
    return { code, ms: performance.now() - changedAt };
  }

  const byUser = async ({ url, db, tenant }: GatewayFixture) => {
    const user = await createUser(db, { roles: { [tenant.organizationId]: Role.OWNER } });
    return { ...user, sender: { url, key: user.accessToken } };
  };

  it.each<[string, (fixture: GatewayFixture) => Promise<{ sender: Sender; change: () => Promise<unknown> }>]>(
    [
      [
        'the session ends',
        async (fixture) => {
          const { sender } = await byUser(fixture);
          return { sender, change: () => signOut(sender) };
        },
      ],
      [
        'the role changes',
        async (fixture) => {
          const { sender, userId } = await byUser(fixture);
          const role = { $set: { role: Role.VIEWER } };
          return { sender, change: () => fixture.db.model(Membership).updateOne({ userId }, role) };
        },
      ],
      [
        'the key is revoked',
        ({ url, db, tenant: { key, projectId } }) => {
          const revoked = { $set: { revokedAt: new Date() } };
          const change = () => db.model(ApiKey).updateOne({ projectId }, revoked);
          return Promise.resolve({ sender: { url, key }, change });
        },
      ],
    ],
  )(
    'is closed within five seconds when %s',
    (_what, prepare) =>
      withGateway(quiet, async (fixture) => {
        const id = await storeVideo(fixture.db, fixture.tenant);
        const { sender, change } = await prepare(fixture);
        const { code, ms } = await closedAfter(sender, id, change);
        expect(code).toBe(4403);
        expect(ms).toBeLessThan(5_000);
      }),
    SLOW_MS,
  );
});

describe('a password', () => {
  it('that is changed ends the other sessions, and needs the old one', () =>
    withGateway(quiet, async ({ url, db, tenant }) => {
      const { email, accessToken: key, refreshToken } = await createUser(db, { password });
      const elsewhere = (await signIn({ url }, { email, password })).data?.signIn.refreshToken ?? '';
      const change = (currentPassword: string, newPassword: string, as = key) =>
        changePassword({ url, key: as }, { currentPassword, newPassword });
      const field = (name: string) => refused('BAD_USER_INPUT', { field: name });
      expect(await change('a wrong guess', 'a better password')).toMatchObject(field('currentPassword'));
      expect(await change(password, 'short')).toMatchObject(field('newPassword'));
      expect(await change(password, 'a better password', tenant.key)).toMatchObject(refused('FORBIDDEN'));
      expect((await change(password, 'a better password')).data).toEqual({ changePassword: true });
      expect(codes(await refresh({ url }, elsewhere))).toEqual(['UNAUTHENTICATED']);
      expect((await refresh({ url }, refreshToken)).errors).toBeUndefined();
      expect(codes(await signIn({ url }, { email, password }))).toEqual(['UNAUTHENTICATED']);
      expect((await signIn({ url }, { email, password: 'a better password' })).errors).toBeUndefined();
    }));

  it('that is forgotten is set anew by a link that works once, and ends all sessions', () => {
    const { mailer, sent, tokens } = memoryMailer();
    return withGateway({ ...quiet, mailer }, async ({ url, db }) => {
      const { email, refreshToken } = await createUser(db, { password });
      for (const address of [email, 'nobody@example.com', email]) {
        expect((await requestReset({ url }, address)).data).toEqual({ requestPasswordReset: true });
      }
      await eventually(() => Promise.resolve(sent.length === 2));
      expect(sent.map(({ to }) => to)).toEqual([email, email]);
      const [first = '', second = ''] = tokens();
      const reset = (token: string, to: string) => resetPassword({ url }, { token, password: to });
      const field = (name: string) => refused('BAD_USER_INPUT', { field: name });
      expect(await reset(`${first.slice(0, -8)}AAAAAAAA`, 'a better password')).toMatchObject(field('token'));
      expect(await reset(first, 'password123')).toMatchObject(field('password'));
      const both = await Promise.all([reset(first, 'a better password'), reset(second, 'a third password')]);
      expect(both.filter(({ data }) => data)).toHaveLength(1);
      for (const token of [first, second]) {
        expect(await reset(token, 'a fourth password')).toMatchObject(field('token'));
      }
      expect(codes(await refresh({ url }, refreshToken))).toEqual(['UNAUTHENTICATED']);
      expect(codes(await signIn({ url }, { email, password }))).toEqual(['UNAUTHENTICATED']);
    });
  });

  it('is not set anew where no mail can be sent, whoever asks', () =>
    withGateway(quiet, async ({ url, db }) => {
      const { email } = await createUser(db, { password });
      for (const address of [email, 'nobody@example.com']) {
        expect(await requestReset({ url }, address)).toMatchObject(refused('UNAVAILABLE'));
      }
    }));

  it('sends few mails to one address, and tells nobody whether it has an account', () => {
    const { mailer, sent } = memoryMailer();
    return withGateway({ ...quiet, mailer }, async ({ url, db }) => {
      const { email } = await createUser(db, { password });
      for (const address of [email, 'nobody@example.com']) {
        for (let time = 0; time < 3; time += 1) await requestReset({ url }, address);
        expect(await requestReset({ url }, address)).toMatchObject(refused('RATE_LIMITED'));
      }
      await eventually(() => Promise.resolve(sent.length === 3));
    });
  });
});
