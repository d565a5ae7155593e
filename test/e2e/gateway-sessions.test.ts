import { describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import { ApiKey } from '../../schema/api-key.js';
import { Membership } from '../../schema/membership.js';
import { Role } from '../../schema/permissions.js';
import { ask, connect, type Sender } from './gateway-client.js';
import { createTenant, type GatewayFixture, testGatewayUrl, withGateway } from './gateway-fixture.js';
import { SLOW_MS, quiet, refused, signOut, viewer } from './gateway-identity-operations.js';
import { createUser } from './gateway-users.js';
import { storeVideo } from './gateway-videos.js';

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

  /** Subscribes to a video that goes on; resolves with the code its connection is closed with. */
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
    const code = await ended.promise;
    await client.dispose();
    return code;
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
    'is closed when %s',
    (_what, prepare) =>
      withGateway(quiet, async (fixture) => {
        const id = await storeVideo(fixture.db, fixture.tenant);
        const { sender, change } = await prepare(fixture);
        expect(await closedAfter(sender, id, change)).toBe(4403);
      }),
    SLOW_MS,
  );
});
