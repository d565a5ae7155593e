import { describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { ApiKey } from '../../schema/api-key.js';
import { newId } from '../../schema/ids.js';
import { ask, uploadForm } from './gateway-client.js';
import { createKey, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const viewer = '{ viewer { kind organization { id } project { id } scopes roles } }';

describe('access', () => {
  it('tells every caller who they are', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant, adminKey }) => {
      expect((await ask({ url, key: tenant.key }, viewer)).data).toEqual({
        viewer: {
          kind: 'API_KEY',
          organization: { id: tenant.organizationId },
          project: { id: tenant.projectId },
          scopes: [
            'project:read',
            'video:read',
            'video:write',
            'video:stop',
            'video:delete',
            'playback:sign',
            'playback:revoke',
          ],
          roles: [],
        },
      });
      expect((await ask({ url, key: adminKey }, viewer)).data).toEqual({
        viewer: {
          kind: 'API_KEY',
          organization: null,
          project: null,
          scopes: ['admin'],
          roles: ['SUPER_ADMIN'],
        },
      });
    }));

  it('takes the key from X-API-Key as well, and echoes the id of the request', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'x-api-key': tenant.key,
          'content-type': 'application/json',
          'x-request-id': 'my-request-1',
        },
        body: JSON.stringify({ query: viewer }),
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-request-id')).toBe('my-request-1');
    }));

  it('needs a key that is known, not expired and not revoked', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db }) => {
      const scopes = ['admin'] as const;
      const expired = await createKey(db, { scopes, expiresAt: new Date(Date.now() - 1_000) });
      const revoked = await createKey(db, { scopes });
      await db
        .model(ApiKey)
        .updateOne({ _id: `key_${revoked.slice(8, 34)}` }, { $set: { revokedAt: new Date() } });
      for (const key of [undefined, 'nonsense', expired, revoked]) {
        const { status, errors, data } = await ask({ url, key }, viewer);
        expect({ status, data: data ?? null, errors }).toMatchObject({
          status: 401,
          data: null,
          errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
        });
      }
    }));

  it('ends at the scopes of the key', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant }) => {
      const { organizationId, projectId } = tenant;
      const key = await createKey(db, { scopes: ['video:read'], organizationId, projectId });
      const id = await storeVideo(db, tenant, { playable: true });
      const refused = [
        await ask(
          { url, key },
          'mutation ($id: ID!) { updateVideo(id: $id, input: { title: "x" }) { id } }',
          { id },
        ),
        await ask({ url, key }, '{ projects { edges { cursor } } }'),
        await ask({ url, key }, 'query ($id: ID!) { video(id: $id) { title playback { url } } }', { id }),
      ];
      for (const { errors } of refused) expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      expect(refused[2]?.data).toEqual({ video: { title: 'A film', playback: null } });
    }));
});

describe('the GraphQL endpoint', () => {
  it('tells nothing of its schema in production', () =>
    withGateway({ kafka: 'silent', isOpen: false }, async ({ url, tenant }) => {
      const sender = { url, key: tenant.key };
      const refused = [await ask(sender, getIntrospectionQuery()), await ask(sender, '{ viewer { kin } }')];
      for (const { status, errors } of refused) {
        expect(status).toBe(400);
        expect(errors?.[0]).toMatchObject({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
        expect(errors?.[0]?.message).not.toContain('Did you mean');
      }
    }));

  it('answers introspection in development', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      const { data } = await ask<{ __schema: { queryType: { name: string } } }>(
        { url, key: tenant.key },
        getIntrospectionQuery(),
      );
      expect(data?.__schema.queryType.name).toBe('Query');
    }));

  it('refuses what asks for too much, batches, and forms of other sites', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      const sender = { url, key: tenant.key };
      const authorization = `Bearer ${tenant.key}`;
      const many = `{ ${Array.from({ length: 600 }, (_, n) => `a${n}: __typename`).join(' ')} }`;
      const long = `{ ${'viewer { kind } '.repeat(600)} }`;
      for (const query of [many, long]) expect((await ask(sender, query)).status).toBe(400);

      const post = (headers: Record<string, string>, body: string | FormData) =>
        fetch(`${url}/graphql`, { method: 'POST', headers: { authorization, ...headers }, body });
      const batch = await post({ 'content-type': 'application/json' }, JSON.stringify([{ query: viewer }]));
      expect(batch.status).toBe(400);
      const form = await post({}, uploadForm({ projectId: tenant.projectId }, new Blob(['film\0']), 'a.mp4'));
      expect(form.status).toBe(400);
      expect(await form.text()).toContain('CSRF');
      const notJson = await post({ 'content-type': 'application/json' }, '{');
      expect(await notJson.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }));

  it('masks what went wrong inside, and gives the id to find it by', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant }) => {
      const id = await storeVideo(db, tenant);
      await db.connection.collection('videos').updateOne({ title: 'A film' }, { $unset: { status: 1 } });
      const { errors, headers } = await ask(
        { url, key: tenant.key },
        'query ($id: ID!) { video(id: $id) { status } }',
        { id },
      );
      expect(errors?.[0]?.extensions).toEqual({
        code: 'INTERNAL_SERVER_ERROR',
        requestId: headers.get('x-request-id'),
      });
      expect(errors?.[0]?.message).toBe('Something went wrong on our side.');
    }));

  it('is counted by operation and code', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant, registry }) => {
      await ask({ url, key: tenant.key }, `query Anything ${viewer}`);
      await ask(
        { url, key: tenant.key },
        'query ($id: ID!) { videos(projectId: $id) { edges { cursor } } }',
        { id: newId('project') },
      );
      const counted = await registry.getSingleMetricAsString('stream_plus_graphql_operations_total');
      expect(counted).toContain('{field="viewer",code="OK"} 1');
      expect(counted).toContain('{field="videos",code="NOT_FOUND"} 1');
    }));
});
