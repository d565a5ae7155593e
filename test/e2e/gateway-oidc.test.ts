import { describe, expect, it } from '@jest/globals';
import { createSessionStore } from '../../gateway/identity/session-store.js';
import { createSessions } from '../../gateway/identity/sessions.js';
import type { Database } from '../../platform/mongo.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import { newId } from '../../schema/ids.js';
import { Membership } from '../../schema/membership.js';
import { Organization } from '../../schema/organization.js';
import { Session } from '../../schema/session.js';
import { SignInCode } from '../../schema/sign-in-code.js';
import { User } from '../../schema/user.js';
import { ask } from './gateway-client.js';
import { withGateway } from './gateway-fixture.js';
import {
  appUrl,
  gatewayUrl,
  isCallback,
  type OidcFixture,
  startUrl,
  withOidc,
} from './gateway-oidc-fixture.js';

const email = 'ada@example.org';
const ada = { sub: 'ada-1', email: ' Ada@Example.org', email_verified: true, name: 'Ada Lovelace' };

/** Signs somebody in; resolves with the query that the browser ends with at the application. */
async function signIn(
  { provider, browser }: OidcFixture,
  person: OidcFixture['provider']['person'],
): Promise<URLSearchParams> {
  provider.person = person;
  const { url } = await browser().visit(startUrl());
  expect(`${url.origin}${url.pathname}`).toBe(appUrl);
  return url.searchParams;
}

async function storeUser(db: Database, user: Partial<User> = {}): Promise<string> {
  const _id = newId('user');
  await db.model(User).create({ ...{ _id, email, name: 'Ada' }, ...user });
  return _id;
}

const storeSession = (db: Database, userId: string) =>
  createSessions({
    store: createSessionStore({ db }),
    tokens: { sign: () => Promise.resolve({ token: '', expiresAt: new Date() }) },
  }).open(userId);

/** Whether each session of the user is over, the oldest first. */
async function revoked(db: Database, userId: string): Promise<boolean[]> {
  const sessions = await db.model(Session).find({ userId }).sort({ _id: 1 }).lean<Session[]>();
  return sessions.map(({ revokedAt }) => revokedAt !== undefined);
}

const audited = (db: Database) =>
  db.model(AuditEntry).find({ action: 'signInWithOidc' }).sort({ _id: 1 }).lean<AuditEntry[]>();

const badCode = [{ extensions: { code: 'BAD_USER_INPUT', field: 'code' } }];

describe('a sign-in with an outside provider', () => {
  it('makes a user of a stranger where sign-up is open, with an organization of their own', () =>
    withOidc({ isSignUpOpen: true }, async (fixture) => {
      const { db, exchange, provider } = fixture;
      const first = await signIn(fixture, ada);
      const { data } = await exchange(first.get('code') ?? '');
      const [user, ...others] = await db.model(User).find().lean<User[]>();
      expect(others).toEqual([]);
      expect(user).toMatchObject({
        ...{ email, name: 'Ada Lovelace' },
        identities: [{ issuer: provider.issuer, subject: 'ada-1' }],
      });
      expect(user).not.toHaveProperty('passwordHash');
      expect(data?.exchangeSignInCode.user).toEqual({ id: user?._id, email });
      const key = data?.exchangeSignInCode.accessToken;
      expect((await ask({ ...fixture, key }, '{ viewer { kind } }')).data).toEqual({
        viewer: { kind: 'USER' },
      });

      const [membership] = await db.model(Membership).find({ userId: user?._id }).lean<Membership[]>();
      expect(membership?.role).toBe('OWNER');
      const organization = await db.model(Organization).findById(membership?.organizationId).lean();
      expect(organization?.name).toBe('Ada Lovelace’s organization');

      const again = await exchange((await signIn(fixture, ada)).get('code') ?? '');
      expect(again.data?.exchangeSignInCode.user.id).toBe(user?._id);
      expect(await db.model(User).countDocuments()).toBe(1);
      const details = { issuer: provider.issuer, subject: 'ada-1', userId: user?._id };
      expect(await audited(db)).toMatchObject([
        { result: 'OK', details: { ...details, outcome: 'created' } },
        { result: 'OK', target: user?._id, details: { ...details, outcome: 'known' } },
      ]);
    }));

  it('knows a user by the address that the provider stands for, and from then on by the account', () =>
    withOidc({ hasFullTokens: true }, async (fixture) => {
      const { db, exchange, provider } = fixture;
      const userId = await storeUser(db, { passwordHash: '$argon2id$' });
      await storeSession(db, userId);
      const { data } = await exchange((await signIn(fixture, ada)).get('code') ?? '');
      expect(data?.exchangeSignInCode.user.id).toBe(userId);
      const linked = await db.model(User).findById(userId).lean<User>();
      expect(linked?.identities).toEqual([{ issuer: provider.issuer, subject: 'ada-1' }]);
      // Whoever had chosen the password may have waited for Ada to come.
      expect(linked).not.toHaveProperty('passwordHash');
      expect(await revoked(db, userId)).toEqual([true, false]);

      const moved = { ...ada, email: 'countess@example.org', email_verified: false };
      const later = await exchange((await signIn(fixture, moved)).get('code') ?? '');
      expect(later.data?.exchangeSignInCode.user.id).toBe(userId);
      expect(await audited(db)).toMatchObject([
        { result: 'OK', target: userId, details: { outcome: 'linked' } },
        { result: 'OK', target: userId, details: { outcome: 'known' } },
      ]);
    }));

  it('leaves a super admin the password', () =>
    withOidc({}, async (fixture) => {
      const { db } = fixture;
      const userId = await storeUser(db, { passwordHash: '$argon2id$', isSuperAdmin: true });
      await storeSession(db, userId);
      expect((await signIn(fixture, ada)).has('code')).toBe(true);
      expect((await db.model(User).findById(userId).lean<User>())?.passwordHash).toBe('$argon2id$');
      expect(await revoked(db, userId)).toEqual([false]);
    }));

  it('refuses strangers where sign-up is closed, and addresses that nobody stands for', () =>
    withOidc({}, async (fixture) => {
      const { db } = fixture;
      const userId = await storeUser(db);
      const stranger = { ...ada, sub: 'eve-1', email: 'eve@example.org' };
      const pretender = { ...ada, email_verified: false };
      const { email: _email, ...nameless } = ada;
      for (const person of [stranger, pretender, nameless]) {
        expect([...(await signIn(fixture, person))]).toEqual([['error', 'FORBIDDEN']]);
      }
      // The address was Ada's; the provider has given it to somebody else.
      await signIn(fixture, ada);
      expect([...(await signIn(fixture, { ...ada, sub: 'ada-2' }))]).toEqual([['error', 'FORBIDDEN']]);
      expect(await db.model(User).find().distinct('_id')).toEqual([userId]);
      expect((await audited(db)).map(({ result, details }) => [result, details?.['why']])).toEqual([
        ['FORBIDDEN', 'SIGN_UP_IS_CLOSED'],
        ['FORBIDDEN', 'EMAIL_NOT_VERIFIED'],
        ['FORBIDDEN', 'EMAIL_NOT_VERIFIED'],
        ['OK', undefined],
        ['FORBIDDEN', 'ADDRESS_HAS_ANOTHER_OWNER'],
      ]);
    }));

  it('ends where the person changes their mind', () =>
    withOidc({ isSignUpOpen: true }, async (fixture) => {
      expect([...(await signIn(fixture, undefined))]).toEqual([['error', 'UNAUTHENTICATED']]);
      expect(await audited(fixture.db)).toEqual([]);
    }));

  it('goes back to the place of the application that it came from', () =>
    withOidc({ isSignUpOpen: true }, async ({ provider, browser }) => {
      provider.person = ada;
      const { url } = await browser().visit(startUrl(`${appUrl}/signed-in?state=a%26b#films`));
      expect(url.href).toMatch(/^https:\/\/app\.test\/studio\/signed-in\?state=a%26b&code=[\w-]{43}#films$/);
    }));
});

describe('the code that a sign-in ends with', () => {
  it('is good once, also where two come with it', () =>
    withOidc({ isSignUpOpen: true }, async (fixture) => {
      const code = (await signIn(fixture, ada)).get('code') ?? '';
      const both = await Promise.all([fixture.exchange(code), fixture.exchange(code)]);
      expect(both.filter(({ data }) => data)).toHaveLength(1);
      expect(both.find(({ errors }) => errors)?.errors).toMatchObject(badCode);
      for (const replayed of [code, '', 'x'.repeat(43)])
        expect((await fixture.exchange(replayed)).errors).toMatchObject(badCode);
    }));

  it('is good for a minute, and stored as something it cannot be read from', () =>
    withOidc({ isSignUpOpen: true }, async (fixture) => {
      const code = (await signIn(fixture, ada)).get('code') ?? '';
      const codes = fixture.db.model(SignInCode);
      const [stored] = await codes.find().lean<SignInCode[]>();
      expect(JSON.stringify(stored)).not.toContain(code);
      const seconds = (Number(stored?.expiresAt) - Date.now()) / 1000;
      expect([seconds > 30, seconds <= 60]).toEqual([true, true]);
      await codes.updateOne({ _id: stored?._id }, { $set: { expiresAt: new Date() } });
      expect((await fixture.exchange(code)).errors).toMatchObject(badCode);
    }));
});

describe('an attack on the sign-in', () => {
  it('with an answer for another attempt fails', () =>
    withOidc({ isSignUpOpen: true }, async ({ provider, browser, db }) => {
      provider.person = ada;
      const [mine, victims] = [browser(), browser()];
      const { url: answer } = await mine.visit(startUrl(), isCallback);
      expect(answer.searchParams.has('code')).toBe(true);
      await victims.visit(startUrl(), isCallback);
      const { url } = await victims.visit(answer.href);
      expect([...url.searchParams]).toEqual([['error', 'UNAUTHENTICATED']]);

      const changed = new URL(answer);
      changed.searchParams.set('state', 'other');
      expect([...(await mine.visit(changed.href)).url.searchParams]).toEqual([['error', 'UNAUTHENTICATED']]);
      expect(await db.model(User).countDocuments()).toBe(0);
    }));

  it('with an answer that was used fails, also where the cookie is put back', () =>
    withOidc({ isSignUpOpen: true }, async ({ provider, browser }) => {
      provider.person = ada;
      const mine = browser();
      const { url: answer } = await mine.visit(startUrl(), isCallback);
      const jar = mine.cookies(gatewayUrl);
      const [[name, cookie] = ['', undefined]] = [...jar];
      expect(cookie?.attributes).toBe('Max-Age=600; Path=/auth/oidc; HttpOnly; SameSite=Lax; Secure');
      expect((await mine.visit(answer.href)).url.searchParams.has('code')).toBe(true);
      expect(jar.size).toBe(0);

      const { response } = await mine.visit(answer.href);
      expect(response?.status).toBe(400);
      if (cookie) jar.set(name, cookie);
      expect([...(await mine.visit(answer.href)).url.searchParams]).toEqual([['error', 'UNAUTHENTICATED']]);
    }));

  it('with a cookie of one’s own making leads nowhere', () =>
    withOidc({ isSignUpOpen: true }, async ({ provider, browser }) => {
      provider.person = ada;
      const mine = browser();
      const { url: answer } = await mine.visit(startUrl(), isCallback);
      const jar = mine.cookies(gatewayUrl);
      const [[name, cookie] = ['', undefined]] = [...jar];
      const parts = cookie?.value.split('.') ?? [];
      const text = Buffer.from(parts.at(-2) ?? '', 'base64url').toString();
      expect(text).toContain(appUrl);
      const forged = Buffer.from(text.replace(appUrl, 'https://evil.test')).toString('base64url');
      for (const value of [parts.with(-2, forged).join('.'), parts.slice(0, -1).join('.'), forged, '']) {
        if (cookie) jar.set(name, { ...cookie, value });
        const { response } = await mine.visit(answer.href);
        expect(response?.status).toBe(400);
        expect(response?.headers.get('content-type')).toContain('application/problem+json');
        expect(jar.size).toBe(0);
      }
    }));

  it('that would lead the browser to another site is refused', () =>
    withOidc({}, async ({ browser, url }) => {
      const targets = ['https://evil.test', 'https://app.test/', '//evil.test/studio', `${appUrl}.evil.test`];
      for (const target of targets) {
        const { response } = await browser().visit(startUrl(target));
        expect(response?.status).toBe(400);
        expect(await response?.json()).toMatchObject({ code: 'BAD_USER_INPUT', field: 'redirectTo' });
      }
      expect((await fetch(`${url}/auth/oidc/start`)).status).toBe(400);
      const twice = `redirectTo=${encodeURIComponent(appUrl)}&redirectTo=https://evil.test`;
      expect((await fetch(`${url}/auth/oidc/start?${twice}`)).status).toBe(400);
      expect((await fetch(`${url}/auth/oidc/callback`, { method: 'HEAD' })).status).toBe(405);
    }));
});

describe('a provider', () => {
  it('that is down is not available, until it is back', () =>
    withOidc({ isSignUpOpen: true }, async (fixture) => {
      const { provider, browser } = fixture;
      provider.person = ada;
      await provider.stop();
      const away = async () => [...(await browser().visit(startUrl())).url.searchParams];
      expect(await away()).toEqual([['error', 'UNAVAILABLE']]);
      await provider.listen();
      const mine = browser();
      const { url: answer } = await mine.visit(startUrl(), isCallback);
      await provider.stop();
      expect([...(await mine.visit(answer.href)).url.searchParams]).toEqual([['error', 'UNAVAILABLE']]);
      await provider.listen();
      expect((await signIn(fixture, ada)).has('code')).toBe(true);
    }));

  it('is shown to whoever wants to sign in', async () => {
    const query = '{ outsideSignIn { name startUrl } }';
    await withOidc({}, async (fixture) => {
      const shown = { name: 'Example ID', startUrl: `${gatewayUrl}/auth/oidc/start` };
      expect((await ask(fixture, query)).data).toEqual({ outsideSignIn: shown });
    });
    await withGateway({ kafka: 'silent' }, async (fixture) => {
      expect((await ask(fixture, query)).data).toEqual({ outsideSignIn: null });
      for (const route of ['start', 'callback'])
        expect((await fetch(`${fixture.url}/auth/oidc/${route}`)).status).toBe(404);
      const mutation = 'mutation { exchangeSignInCode(code: "a") { accessToken } }';
      expect((await ask(fixture, mutation)).errors).toMatchObject(badCode);
    });
  });
});
