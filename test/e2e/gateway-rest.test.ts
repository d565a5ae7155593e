import { describe, expect, it } from '@jest/globals';
import { printOpenApi } from '../../gateway/emit-schema.js';
import { withGateway } from './gateway-fixture.js';

const problem = (status: number, code: string, more: Record<string, unknown> = {}) => ({
  ...{ status, type: 'application/problem+json' },
  body: expect.objectContaining({ type: 'about:blank', status, code, ...more }),
});

/** Sends a request; the answer with its body, as JSON where it is. */
async function send(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const [type = ''] = response.headers.get('content-type')?.split(';') ?? [];
  const text = await response.text();
  const body: unknown = type.endsWith('json') && text !== '' ? JSON.parse(text) : text;
  return { status: response.status, type, body, headers: response.headers };
}

const shown = ({ status, type, body }: Awaited<ReturnType<typeof send>>) => ({ status, type, body });

describe('the REST interface', () => {
  it('shows its document, and a page made of nothing but our own files', () =>
    withGateway({ kafka: 'silent' }, async ({ url }) => {
      const { status, type, body } = await send(`${url}/openapi.json`);
      expect([status, type]).toEqual([200, 'application/json']);
      const committed = JSON.parse(printOpenApi()) as { paths: object; servers: unknown };
      expect(Object.keys((body as typeof committed).paths)).toEqual(Object.keys(committed.paths));
      expect((body as typeof committed).servers).toEqual([
        { url: 'https://gateway.test', description: 'gateway' },
        { url: 'http://play.test', description: 'streamer' },
      ]);

      const page = await send(`${url}/docs`);
      expect([page.status, page.type]).toEqual([200, 'text/html']);
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
          "connect-src 'self' http://play.test; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      const parts = [...String(page.body).matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(
        ([, part = '']) => part,
      );
      expect(parts).toHaveLength(4);
      for (const part of parts) {
        const file = await send(`${url}/${part}`);
        expect([file.status, file.type]).toEqual([
          200,
          part.endsWith('.js') ? 'text/javascript' : 'text/css',
        ]);
      }
      expect(shown(await send(`${url}/docs/package.json`))).toEqual(problem(404, 'NOT_FOUND'));
    }));

  it('refuses what is no request of it in one form', () =>
    withGateway({ kafka: 'silent' }, async ({ url, adminKey }) => {
      const json = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
      const stop = `${url}/admin/video/video_a/stop`;
      const post = (body: string, type = 'application/json') =>
        send(stop, { method: 'POST', body, headers: { ...json, 'content-type': type } });
      const badBody = problem(400, 'BAD_USER_INPUT', { field: 'body' });
      expect(shown(await post('{'))).toEqual(badBody);
      expect(shown(await post('[]'))).toEqual(badBody);
      expect(shown(await post('{"reason":5}'))).toEqual(problem(400, 'BAD_USER_INPUT', { field: 'reason' }));
      expect(shown(await post('{}', 'text/plain'))).toEqual(problem(415, 'UNSUPPORTED_CONTENT_TYPE'));
      expect(shown(await post('{}', 'nonsense'))).toEqual(problem(415, 'UNSUPPORTED_CONTENT_TYPE'));
      expect(shown(await post(JSON.stringify('x'.repeat(300_000))))).toEqual(
        problem(413, 'UPLOAD_TOO_LARGE'),
      );

      const notThere = problem(404, 'NOT_FOUND');
      expect(shown(await send(`${url}/nothing`, { method: 'POST', headers: json, body: '{' }))).toEqual(
        notThere,
      );
      for (const path of ['/nothing', '/%zz', `/admin/video/${'v'.repeat(200)}/stop`]) {
        const answer = await send(url + path, { method: 'POST', headers: json, body: '{}' });
        expect(shown(answer)).toEqual(notThere);
        expect(answer.headers.get('x-request-id')).toBe((answer.body as { requestId: string }).requestId);
      }
    }));

  it('says which methods a path has', () =>
    withGateway({ kafka: 'silent' }, async ({ url, adminKey }) => {
      const headers = { authorization: `Bearer ${adminKey}` };
      for (const [method, path, allow] of [
        ['DELETE', '/admin/stats', 'GET, HEAD'],
        ['GET', '/admin/video/video_a/stop', 'POST'],
        ['HEAD', '/auth/oidc/start', 'GET'],
        ['PUT', '/graphql', 'GET, HEAD, POST'],
      ] as const) {
        const answer = await send(url + path, { method, headers });
        expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, allow]);
        if (method !== 'HEAD') expect(shown(answer)).toEqual(problem(405, 'METHOD_NOT_ALLOWED'));
      }
      const head = await send(`${url}/admin/stats`, { method: 'HEAD', headers });
      expect([head.status, head.type, head.body]).toEqual([200, 'application/json', '']);
      // With what a browser sends and without.
      for (const asked of [{}, { origin: 'https://a.test', 'access-control-request-method': 'POST' }]) {
        const preflight = await send(`${url}/admin/stats`, { method: 'OPTIONS', headers: asked });
        expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
      }
    }));
});
