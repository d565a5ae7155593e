import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { WINDOW_SECONDS } from '../../gateway/limits/request-limits.js';
import { Organization } from '../../schema/organization.js';
import { ask, askOverSocket, connect, type GraphqlAnswer } from './gateway-client.js';
import { createKey, createTenant, withGateway } from './gateway-fixture.js';

const query = '{ viewer { kind } }';

const limited = {
  status: 429,
  errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }],
};

function expectRetryAfter({ headers }: Pick<GraphqlAnswer<unknown>, 'headers'>): void {
  const seconds = Number(headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(WINDOW_SECONDS);
}

describe('too many requests', () => {
  it('of an address without a key are refused; not those with one, nor of what watches the process', () =>
    withGateway({ kafka: 'silent', requestRates: { anonymous: 3 } }, async ({ url, tenant }) => {
      for (let n = 0; n < 3; n += 1) expect((await ask({ url }, query)).status).toBe(401);
      const refused = await ask({ url }, query);
      expect(refused).toMatchObject(limited);
      expectRetryAfter(refused);
      expect((await ask({ url, key: tenant.key }, query)).status).toBe(200);
      for (const path of ['/healthz', '/readyz', '/metrics'])
        expect((await fetch(`${url}${path}`)).status).toBe(200);
      expect((await fetch(`${url}/nowhere`)).status).toBe(429);
    }));

  it('of a key are refused everywhere, in the form of each place', () =>
    withGateway({ kafka: 'silent', requestRates: { caller: 3 } }, async ({ url, adminKey, tenant }) => {
      const socket = connect({ url, key: adminKey });
      for (let n = 0; n < 3; n += 1) expect((await ask({ url, key: adminKey }, query)).status).toBe(200);
      const refused = await ask({ url, key: adminKey }, query);
      expect(refused).toMatchObject(limited);
      expectRetryAfter(refused);

      const rest = await fetch(`${url}/admin/stats`, { headers: { 'x-api-key': adminKey } });
      expect(rest.headers.get('content-type')).toContain('application/problem+json');
      expect(await rest.json()).toMatchObject({
        ...{ status: 429, code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) },
      });
      expectRetryAfter(rest);

      expect(await askOverSocket(socket, query)).toMatchObject({ errors: limited.errors });
      expect((await ask({ url, key: tenant.key }, query)).status).toBe(200);
      await socket.dispose();
    }));

  it('of an organization are refused, whichever of its keys sends them', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant }) => {
      const limits = { requestsPerSecond: 1 };
      await db.model(Organization).updateOne({ _id: tenant.organizationId }, { $set: { limits } });
      const keys = [tenant.key, await createKey(db, { ...tenant, scopes: ['project:read'] })];
      const statuses: number[] = [];
      for (let n = 0; n < WINDOW_SECONDS + 2; n += 1) {
        statuses.push((await ask({ url, key: keys[n % 2] }, query)).status);
      }
      expect(statuses.filter((status) => status === 200)).toHaveLength(WINDOW_SECONDS);
      expect(statuses.slice(-2)).toEqual([429, 429]);
      expect((await ask({ url, key: (await createTenant(db)).key }, query)).status).toBe(200);
    }));
});

/** How a client at `from` is answered, as a proxy passes it on, over HTTP and on the WebSocket. */
async function asFrom(url: string, from: string): Promise<number[]> {
  const headers = { 'x-forwarded-for': from };
  const overHttp = await fetch(`${url}/nowhere`, { headers });
  const overSocket = await new Promise<number>((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
    socket.on('error', () => undefined);
  });
  return [overHttp.status, overSocket];
}

describe('the address that requests are counted by', () => {
  const rates = { address: 2 };

  it('is that of the client, behind proxies that are trusted', () =>
    withGateway({ kafka: 'silent', requestRates: rates, trustedProxies: 1 }, async ({ url }) => {
      expect(await asFrom(url, '9.9.9.9, 192.0.2.1')).toEqual([404, 101]);
      expect(await asFrom(url, '8.8.8.8, 192.0.2.1')).toEqual([429, 429]);
      expect(await asFrom(url, '9.9.9.9, 192.0.2.2')).toEqual([404, 101]);
    }));

  it('is that of the connection, whatever a client says, else', () =>
    withGateway({ kafka: 'silent', requestRates: rates }, async ({ url }) => {
      expect(await asFrom(url, '192.0.2.1')).toEqual([404, 101]);
      expect(await asFrom(url, '192.0.2.2')).toEqual([429, 429]);
    }));
});
