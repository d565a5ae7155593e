import { describe, expect, it } from '@jest/globals';
import { createApiKeyVerifier } from '../../platform/api-keys.js';
import { ApiKey } from '../../schema/api-key.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import { ask } from './gateway-client.js';
import { told } from './gateway-member-operations.js';
import { type PeopleFixture, type Person, withPeople } from './gateway-people.js';

const create = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey {
  id prefix name scopes expiresAt lastUsedAt createdBy revokedAt cidrs origins } } }`;
const list = `query ($projectId: ID!) { apiKeys(projectId: $projectId) {
  id prefix name expiresAt lastUsedAt revokedAt createdBy } }`;
const rotate = `mutation ($id: ID!, $seconds: Int) { rotateApiKey(id: $id, oldExpiresInSeconds: $seconds) {
  secret apiKey { id name scopes expiresAt cidrs createdBy } } }`;
const revoke = 'mutation ($id: ID!) { revokeApiKey(id: $id) { id revokedAt } }';
const whoAmI = '{ viewer { project { id } scopes } }';

interface Issued {
  secret: string;
  apiKey: Record<string, unknown> & { id: string };
}

/** Runs `work` with an administrator of the tenant's organization and a way to make keys. */
const withKeys = (
  work: (
    fixture: PeopleFixture & {
      admin: Person;
      make: (settings?: Record<string, unknown>) => Promise<Issued>;
      turn: (id: string, seconds?: number) => Promise<Issued | string>;
    },
  ) => Promise<void>,
) =>
  withPeople({}, async (fixture) => {
    const { organizationId, projectId } = fixture.tenant;
    const admin = await fixture.person({ [organizationId]: 'ADMIN' });
    await work({
      ...fixture,
      admin,
      async make(settings = {}) {
        const input = { projectId, name: 'Player', scopes: ['video:read'], ...settings };
        const answer = await told(fixture, admin, create, { input });
        if (typeof answer === 'string') throw new Error(answer);
        return (answer as { createApiKey: Issued }).createApiKey;
      },
      async turn(id, seconds) {
        const answer = await told(fixture, admin, rotate, { id, seconds });
        return typeof answer === 'string' ? answer : (answer as { rotateApiKey: Issued }).rotateApiKey;
      },
    });
  });

describe('a key of a project', () => {
  it('is made by who may, told once, and works at once', () =>
    withKeys(async (fixture) => {
      const { db, admin, make } = fixture;
      const { organizationId, projectId } = fixture.tenant;
      const scopes = ['project:read', 'video:read'];
      const { secret, apiKey } = await make({ name: ' Player ', scopes });
      expect(apiKey).toEqual({
        ...{ id: apiKey.id, prefix: secret.slice(0, 34), name: 'Player', scopes, createdBy: admin.id },
        ...{ expiresAt: null, lastUsedAt: null, revokedAt: null, cidrs: null, origins: null },
      });
      expect(await told(fixture, { key: secret }, whoAmI)).toEqual({
        viewer: { project: { id: projectId }, scopes },
      });
      const stored = await db.model(ApiKey).find({ projectId }).lean();
      const entered = await db.model(AuditEntry).find({ action: 'createApiKey' }).lean();
      expect(entered).toMatchObject([{ actor: admin.id, organizationId, target: projectId, result: 'OK' }]);
      expect(entered[0]?.details).toMatchObject({ keyId: apiKey.id });
      expect(JSON.stringify([stored, entered])).not.toContain(secret.slice(35, 78));

      const listed = await told(fixture, admin, list, { projectId });
      const lastUsedAt = expect.stringMatching(/^20/) as unknown;
      expect(listed).toMatchObject({
        apiKeys: [
          { id: apiKey.id, lastUsedAt, createdBy: admin.id },
          { name: 'test', createdBy: null },
        ],
      });
      const member = await fixture.person({ [organizationId]: 'MEMBER' });
      expect(await told(fixture, member, list, { projectId })).toBe('FORBIDDEN');
      expect(await told(fixture, { key: secret }, list, { projectId })).toBe('FORBIDDEN');
    }));

  it.each([
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['admin'] }, 'scopes'],
    [{ scopes: ['key:write'] }, 'scopes'],
    [{ scopes: ['video:read', 'video:read'] }, 'scopes'],
    [{ name: ' ' }, 'name'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ cidrs: ['10.0.0.0/33'] }, 'cidrs'],
    [{ cidrs: Array.from({ length: 51 }, () => '10.0.0.1') }, 'cidrs'],
    [{ origins: ['app.example.com'] }, 'origins'],
  ])('is not made with %j', (settings, field) =>
    withKeys(async ({ url, admin, tenant, db }) => {
      const input = { projectId: tenant.projectId, name: 'Player', scopes: ['video:read'], ...settings };
      const { errors } = await ask({ url, key: admin.key }, create, { input });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
      expect(await db.model(ApiKey).countDocuments({ projectId: tenant.projectId })).toBe(1);
    }),
  );

  it('works only from where it may be used', () =>
    withKeys(async ({ url, make }) => {
      const at = async (settings: Record<string, unknown>, headers: Record<string, string> = {}) => {
        const { secret } = await make(settings);
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, ...headers },
          body: JSON.stringify({ query: whoAmI }),
        });
        return response.status;
      };
      expect(await at({ cidrs: ['127.0.0.0/8'] })).toBe(200);
      expect(await at({ cidrs: ['192.0.2.0/24', '2001:db8::/32'] })).toBe(401);
      const origins = ['https://app.example.com'];
      expect(await at({ origins }, { origin: 'https://app.example.com' })).toBe(200);
      expect(await at({ origins }, { origin: 'https://evil.example.com' })).toBe(401);
      expect(await at({ origins })).toBe(401);
    }));

  it('is restricted on a WebSocket as well', () =>
    withKeys(async ({ url, make }) => {
      const { secret } = await make({ origins: ['https://app.example.com'] });
      const open = async (origin: string): Promise<number | string> => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, {
          protocols: ['graphql-transport-ws'],
          headers: { origin },
        });
        const { promise, resolve } = Promise.withResolvers<number | string>();
        const payload = { authorization: `Bearer ${secret}` };
        socket.addEventListener('open', () =>
          socket.send(JSON.stringify({ type: 'connection_init', payload })),
        );
        socket.addEventListener('message', ({ data }) => resolve(String(data)));
        socket.addEventListener('close', ({ code }) => resolve(code));
        try {
          return await promise;
        } finally {
          socket.close();
        }
      };
      expect(await open('https://app.example.com')).toContain('connection_ack');
      expect(await open('https://evil.example.com')).toBe(4403);
    }));
});

describe('a rotated key', () => {
  it('goes on for a while beside the new one, which is like it', () =>
    withKeys(async (fixture) => {
      const { admin, make, turn } = fixture;
      const { projectId } = fixture.tenant;
      const settings = { scopes: ['video:read', 'video:stop'], cidrs: ['127.0.0.0/8'] };
      const expiresAt = '2100-01-01T00:00:00.000Z';
      const old = await make({ ...settings, expiresAt });
      const before = Date.now();
      const fresh = await turn(old.apiKey.id);
      if (typeof fresh === 'string') throw new Error(fresh);
      expect(fresh.apiKey).toMatchObject({ name: 'Player', ...settings, expiresAt, createdBy: admin.id });
      expect(fresh.apiKey.id).not.toBe(old.apiKey.id);
      for (const key of [old.secret, fresh.secret]) {
        expect(await told(fixture, { key }, whoAmI)).toMatchObject({ viewer: { scopes: settings.scopes } });
      }
      const { apiKeys } = (await told(fixture, admin, list, { projectId })) as {
        apiKeys: { id: string; expiresAt: string }[];
      };
      const ends = Date.parse(apiKeys.find(({ id }) => id === old.apiKey.id)?.expiresAt ?? '');
      expect(ends).toBeGreaterThanOrEqual(before + 86_400_000);
      expect(ends).toBeLessThan(before + 86_460_000);
    }));

  it('has no third beside it', () =>
    withKeys(async (fixture) => {
      const { admin, make, turn } = fixture;
      const { apiKey: first } = await make();
      const turns = await Promise.all([turn(first.id, 60), turn(first.id, 60)]);
      const second = turns.find((answer) => typeof answer !== 'string');
      expect(turns).toContain('CONFLICT');
      if (!second) throw new Error('neither was rotated');
      const { id } = second.apiKey;
      expect(await turn(first.id, 0)).toBe('CONFLICT');
      expect(await turn(id, 60)).toBe('CONFLICT');
      await told(fixture, admin, revoke, { id: first.id });
      const third = await turn(id, 0);
      if (typeof third === 'string') throw new Error(third);
      expect(await told(fixture, { key: second.secret }, whoAmI)).toBe('UNAUTHENTICATED');
      expect(await turn(third.apiKey.id, 0)).toMatchObject({ apiKey: { name: 'Player' } });
    }));

  it('ends at once where it is asked to, and no later than it would have', () =>
    withKeys(async (fixture) => {
      const { db, make, turn } = fixture;
      const { apiKey, secret } = await make();
      await turn(apiKey.id, 0);
      expect(await told(fixture, { key: secret }, whoAmI)).toBe('UNAUTHENTICATED');
      const expiresAt = new Date(Date.now() + 60_000);
      const short = await make({ expiresAt });
      await turn(short.apiKey.id, 86_400);
      expect((await db.model(ApiKey).findById(short.apiKey.id).lean())?.expiresAt).toEqual(expiresAt);
      expect(await turn(short.apiKey.id, 2_592_001)).toBe('BAD_USER_INPUT');
    }));
});

describe('a revoked key', () => {
  it('is refused within five seconds, wherever it was known', () =>
    withKeys(async (fixture) => {
      const { db, admin, make } = fixture;
      const { apiKey, secret } = await make();
      let now = Date.now();
      const elsewhere = createApiKeyVerifier({ db, now: () => now });
      expect(await elsewhere.verify(secret)).toBeDefined();
      const first = await told(fixture, admin, revoke, { id: apiKey.id });
      expect(first).toMatchObject({ revokeApiKey: { id: apiKey.id } });
      expect(await told(fixture, admin, revoke, { id: apiKey.id })).toEqual(first);
      expect(await told(fixture, { key: secret }, whoAmI)).toBe('UNAUTHENTICATED');
      now += 5_000;
      expect(await elsewhere.verify(secret)).toBeUndefined();
    }));

  it('of the installation takes an administrator', () =>
    withKeys(async (fixture) => {
      const { db, admin, adminKey } = fixture;
      const id = `key_${adminKey.slice(8, 34)}`;
      expect(await told(fixture, admin, revoke, { id })).toBe('NOT_FOUND');
      const root = await fixture.person({}, { isSuperAdmin: true });
      expect(await told(fixture, root, revoke, { id })).toMatchObject({ revokeApiKey: { id } });
      expect((await db.model(ApiKey).findById(id).lean())?.revokedAt).toBeInstanceOf(Date);
    }));
});
