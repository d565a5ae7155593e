import { describe, expect, it } from '@jest/globals';
import { printOpenApi } from '../../gateway/emit-schema.js';
import { routePolicies } from '../../gateway/auth/policies.js';
import type { OpenApiDocument } from '../../schema/rest/openapi-document.js';
import { openApiPath } from '../../schema/rest/openapi-document.js';
import { restRoutes } from '../../schema/rest/rest-routes.js';
import { withStreamer } from '../support/streamer-fixture.js';
import { readText } from './source-tree.js';

const committed = readText('schema/openapi.json');
const document = JSON.parse(committed) as OpenApiDocument;

/** The routes of these methods: HEAD is told of where it stands without GET, preflights in words. */
const named = (methods: readonly string[], path: string): string[] =>
  methods
    .filter((method) => method !== '' && method !== 'OPTIONS')
    .filter((method) => method !== 'HEAD' || !methods.includes('GET'))
    .map((method) => `${method} ${openApiPath(path)}`);

/** What a service is documented to answer: `GET /path/{parameter}`. */
const documented = (service: 'gateway' | 'streamer'): string[] =>
  restRoutes
    .filter(({ on }) => on.includes(service))
    .flatMap(({ methods, path }) => named(methods, path))
    .toSorted();

/** What an application answers, from the tree that Fastify draws of its routes. */
function routesIn(tree: string): string[] {
  const above: string[] = [];
  return [...tree.matchAll(/^(.*)── (\S+)(?: \((.*)\))?$/gm)].flatMap(
    ([, indent = '', part = '', methods = '']) => {
      above.length = indent.length >> 2;
      const path = above.join('') + part;
      above.push(part);
      return named(methods.split(', '), path);
    },
  );
}

describe('schema/openapi.json', () => {
  it('is what the code serves: npm run schema writes it', () => {
    expect(printOpenApi()).toBe(committed);
  });

  it('has the version of the product', () => {
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version } });
  });

  it('has every route of the gateway, and no other, under the policy it is kept by', () => {
    // GraphQL has a schema of its own.
    const routes = Object.entries(routePolicies).filter(([route]) => !/^OPTIONS | \/graphql$/.test(route));
    expect(routes.map(([route]) => openApiPath(route)).toSorted()).toEqual(documented('gateway'));
    for (const [route, policy] of routes) {
      const [method = '', path = ''] = openApiPath(route).split(' ');
      const { [method.toLowerCase()]: found, head } = document.paths[path] ?? {};
      const { security, description } = found ?? head ?? {};
      expect([route, security]).toEqual([route, policy === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }]]);
      if (policy !== 'public') expect(description).toContain(`\`${policy}\``);
    }
  });

  it('has every route of the streamer, and no other', () =>
    withStreamer(async ({ app }) => {
      await app.ready();
      expect(routesIn(app.printRoutes()).toSorted()).toEqual(documented('streamer'));
    }));

  it('names each operation once, and every schema that it points at', () => {
    const ids = [...committed.matchAll(/"operationId": "(\w+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(new Set(ids).size).toBe(ids.length);
    const pointers = [...committed.matchAll(/"\$ref": "([^"]+)"/g)].map(([, pointer = '']) => pointer);
    const { schemas } = document.components as { schemas: object };
    const known = Object.keys(schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(pointers)).toEqual(new Set(known));
  });
});
