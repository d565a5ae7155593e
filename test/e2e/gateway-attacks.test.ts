import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Client } from 'graphql-ws';
import { Video } from '../../schema/video.js';
import {
  ask,
  askOverSocket,
  askWithFile,
  connect,
  type GraphqlAnswer,
  type Sender,
  type SocketAnswer,
  uploadForm,
} from './gateway-client.js';
import { createTenant, type GatewayFixture, type GatewayOptions, withGateway } from './gateway-fixture.js';
import { type TextArgument, textArguments } from './gateway-operators.js';
import { storeVideo } from './gateway-videos.js';

const repeat = (count: number, part: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ');

const nested = (depth: number, open: string, inner: string): string =>
  open.repeat(depth) + inner + '}'.repeat(depth);

const typeFragments = (count: number, body: (next: string) => string): string =>
  repeat(count, (n) => `fragment F${n} on __Type { ${body(`...F${n + 1}`)} }`) +
  ` fragment F${count} on __Type { name }`;

const start = '{ __type(name: "Query") { ...F0 } }';
const invalid = 'GRAPHQL_VALIDATION_FAILED';
const unparsed = 'GRAPHQL_PARSE_FAILED';

/** Documents that would cost much more than they weigh. */
const bombs: [name: string, query: string, code: string][] = [
  ['aliases', `{ ${repeat(51, (n) => `a${n}: __typename`)} }`, invalid],
  ['aliases of something dear', `{ ${repeat(51, (n) => `a${n}: viewer { scopes }`)} }`, invalid],
  ['aliases of one act', `mutation { ${repeat(11, (n) => `a${n}: pauseProcessing { paused }`)} }`, invalid],
  ['depth', `{ __type(name: "Query") { ${nested(20, 'ofType {', 'name')} } }`, invalid],
  ['depth in fragments', `${start} ${typeFragments(20, (next) => `ofType { ${next} }`)}`, invalid],
  [
    'a cycle of fragments',
    `${start} fragment F0 on __Type { ofType { ...F1 } } fragment F1 on __Type { ...F0 }`,
    invalid,
  ],
  ['a fragment in itself', `${start} fragment F0 on __Type { ofType { ...F0 } }`, invalid],
  [
    'fragments that double',
    `${start} ${typeFragments(40, (next) => `a: ofType { ${next} } b: ofType { ${next} }`)}`,
    invalid,
  ],
  ['spreads that double', `${start} ${typeFragments(60, (next) => `${next} ${next}`)}`, invalid],
  ['fields that overlap', `{ ${repeat(240, () => 'viewer { kind }')} }`, invalid],
  ['directives', `{ ${repeat(51, (n) => `...@include(if: true) { x${n}: __typename }`)} }`, invalid],
  ['directives on one field', `{ __typename ${'@a'.repeat(450)} }`, invalid],
  [
    'rows of rows',
    `{ ${repeat(10, (n) => `p${n}: projects(first: 100) { edges { cursor node { ${repeat(20, (m) => (m === 0 ? 'id' : `n${n}_${m}: name`))} } } }`)} }`,
    invalid,
  ],
  ['fields', `{ ${repeat(600, () => '__typename')} }`, invalid],
  ['tokens', `{ ${repeat(1_000, () => '__typename')} }`, unparsed],
  ['lists', `{ video(id: ${'['.repeat(480)}1${']'.repeat(480)}) { id } }`, invalid],
  ['brackets', `{ video(id: ${'['.repeat(50_000)}) { id } }`, unparsed],
];

/** Runs `work` with a key of a tenant, over HTTP and on a WebSocket. */
const withBoth = (
  options: GatewayOptions,
  work: (sender: Sender, socket: Client, fixture: GatewayFixture) => Promise<void>,
) =>
  withGateway({ kafka: 'silent', ...options }, async (fixture) => {
    const sender = { url: fixture.url, key: fixture.tenant.key };
    const socket = connect(sender);
    await work(sender, socket, fixture);
    await socket.dispose();
  });

/** No resolver has run: then there would be `data`, even if it were null. */
function expectRefused({ errors, ...rest }: SocketAnswer<unknown>, code: string): void {
  expect(errors?.[0]?.extensions.code).toBe(code);
  expect(rest.data).toBeUndefined();
}

describe('a bomb', () => {
  // Run, many of them would take longer than any test may.
  it.each(bombs)('of %s is refused before it runs, over HTTP and on the WebSocket', (_what, query, code) =>
    withBoth({}, async (sender, socket) => {
      const overHttp = await ask(sender, query);
      expectRefused(overHttp, code);
      expect(overHttp.status).toBe(400);
      expectRefused(await askOverSocket(socket, query), code);
    }),
  );

  it('of variables is refused before it is read', () =>
    withBoth({}, async (sender, socket) => {
      const query = 'query ($id: ID!) { video(id: $id) { id } }';
      const large = await ask(sender, query, { id: 'x'.repeat(300 * 1024) });
      expect(large).toMatchObject({ status: 413, errors: [{ extensions: { code: 'UPLOAD_TOO_LARGE' } }] });
      await expect(askOverSocket(socket, query, { id: 'x'.repeat(65 * 1024) })).rejects.toMatchObject({
        cause: { code: 1009 },
      });
    }));

  it('of nested variables is an invalid value', () =>
    withBoth({}, async ({ url, key }) => {
      const deep = '['.repeat(50_000) + ']'.repeat(50_000);
      const body = `{ "query": "query ($id: ID!) { video(id: $id) { id } }", "variables": { "id": ${deep} } }`;
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body,
      });
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      expect(response.status).toBe(400);
    }));
});

const viewer = '{ viewer { kind } }';

describe('a request that a page of another site may make somebody send', () => {
  const post = ({ url, key }: Sender, headers: Record<string, string>, body: string | FormData) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...headers },
      body,
    });

  it('is refused: forms, text, and queries in the address', () =>
    withBoth({}, async (sender, _socket, { tenant, db }) => {
      const body = JSON.stringify({ query: viewer });
      const form = uploadForm({ projectId: tenant.projectId }, new Blob(['film\0']), 'a.mp4');
      const answers = [
        await post(sender, {}, form),
        await post(sender, { 'content-type': 'text/plain' }, body),
        await post(sender, { 'content-type': 'application/x-www-form-urlencoded' }, `query=${viewer}`),
        await fetch(`${sender.url}/graphql?query=${encodeURIComponent(viewer)}`, {
          headers: { authorization: `Bearer ${sender.key}` },
        }),
      ];
      for (const answer of answers) {
        expect([400, 415]).toContain(answer.status);
        expect(await answer.text()).not.toContain('"data"');
      }
      expect(await db.model(Video).countDocuments()).toBe(0);
    }));

  it('changes nothing by GET, asked for as it may be', () =>
    withBoth({}, async ({ url }, _socket, { adminKey }) => {
      const mutation = encodeURIComponent('mutation { pauseProcessing { paused } }');
      const response = await fetch(`${url}/graphql?query=${mutation}`, {
        headers: { authorization: `Bearer ${adminKey}`, 'apollo-require-preflight': 'true' },
      });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      const { data } = await ask({ url, key: adminKey }, '{ adminStats { paused } }');
      expect(data).toEqual({ adminStats: { paused: false } });
    }));

  it('is one operation: batches are refused in every form', () =>
    withBoth({}, async (sender, socket) => {
      const batch = JSON.stringify([{ query: viewer }, { query: viewer }]);
      const form = new FormData();
      form.set('operations', JSON.stringify([{ query: viewer }, { query: viewer }]));
      form.set('map', '{}');
      for (const answer of [
        await post(sender, { 'content-type': 'application/json' }, batch),
        await post(sender, { 'apollo-require-preflight': 'true' }, form),
      ]) {
        expect(answer.status).toBe(400);
        expect(await answer.text()).not.toContain('"data"');
      }
      const two = 'query A { viewer { kind } } query B { viewer { kind } }';
      for (const { data, errors } of [await ask(sender, two), await askOverSocket(socket, two)]) {
        expect(data ?? null).toBeNull();
        expect(errors).toHaveLength(1);
      }
    }));

  it('may not reach into what the server is made of', () =>
    withBoth({}, async (sender) => {
      const json = await post(
        sender,
        { 'content-type': 'application/json' },
        `{ "query": "${viewer}", "__proto__": { "isAdmin": true } }`,
      );
      expect(json.status).toBe(400);
      for (const path of ['__proto__.file', 'constructor.prototype.file', 'variables.__proto__']) {
        const form = new FormData();
        form.set('operations', JSON.stringify({ query: viewer, variables: { file: null } }));
        form.set('map', JSON.stringify({ 0: [path] }));
        form.set('0', new Blob(['film\0']), 'a.mp4');
        const answer = await post(sender, { 'apollo-require-preflight': 'true' }, form);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      }
      expect({}).not.toHaveProperty('file');
    }));

  it('is not a subscription, which has no event to answer with', () =>
    withBoth({}, async (sender, _socket, { adminKey }) => {
      const query = 'subscription { adminStats { at } }';
      for (const key of [undefined, sender.key, adminKey]) {
        const answer = await ask({ url: sender.url, key }, query);
        expectRefused(answer, 'BAD_REQUEST');
        expect(answer.status).toBe(400);
      }
    }));
});

describe('a request', () => {
  it('for a host that is none is refused', () =>
    withBoth({}, async ({ url, key }) => {
      const status = await new Promise((resolve, reject) => {
        const headers = { host: 'a b', authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        request(`${url}/graphql`, { method: 'POST', headers }, (response) => {
          resolve(response.statusCode);
          response.resume();
        })
          .on('error', reject)
          .end(JSON.stringify({ query: viewer }));
      });
      expect(status).toBe(400);
    }));

  it('that is refused tells the page that sent it why', () =>
    withGateway({ kafka: 'silent', requestRates: { caller: 1 } }, async ({ url, tenant }) => {
      const origin = 'https://app.example';
      const send = (key: string) =>
        fetch(`${url}/graphql`, {
          ...{ method: 'POST', body: JSON.stringify({ query: viewer }) },
          headers: { origin, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        });
      const answers = [await send('nonsense'), await send(tenant.key), await send(tenant.key)];
      expect(answers.map(({ status }) => status)).toEqual([401, 200, 429]);
      for (const { headers } of answers) {
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-expose-headers')).toContain('retry-after');
      }
    }));
});

describe('the schema', () => {
  it('is not told where the gateway is not open', () =>
    withBoth({ isOpen: false }, async (sender, socket) => {
      const asked: [query: string, variables?: Record<string, unknown>][] = [
        ['{ __schema { types { name } } }'],
        ['{ __type(name: "Query") { name } }'],
        ['{ viewr { kind } }'],
        ['{ viewer { kind knd } }'],
        ['query ($i: UploadVideoInpt!) { viewer { kind } }'],
        [
          'query ($o: VideoOrder) { videos(projectId: "p", orderBy: $o) { pageInfo { endCursor } } }',
          { o: 'TITLE' },
        ],
        [
          'query ($f: VideoFilter) { videos(projectId: "p", filter: $f) { pageInfo { endCursor } } }',
          { f: { playble: true } },
        ],
      ];
      for (const [query, variables] of asked) {
        for (const { data, errors } of [
          await ask(sender, query, variables),
          await askOverSocket(socket, query, variables),
        ]) {
          expect(data).toBeUndefined();
          expect(errors?.length).toBeGreaterThan(0);
          expect(JSON.stringify(errors)).not.toContain('Did you mean');
        }
      }
    }));
});

const operators: unknown[] = [{ $gt: '' }, { $ne: null }, { $where: 'sleep(5000)' }, { $regex: '.*' }];
const suspicious = ['$where', '{"$gt": ""}', '$gt', "' || 'a'=='a", '__proto__', '.*', '%00', '../..'];

const places = textArguments(await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'));

/** By each way the operation can be sent. */
async function answersTo(
  sender: Sender,
  socket: Client,
  { place, value }: { place: TextArgument; value: unknown },
): Promise<SocketAnswer<unknown>[]> {
  if (place.hasFile) return [await askWithFile(sender, place.query, place.variables(value))];
  const overSocket = await askOverSocket(socket, place.query, place.variables(value));
  if (place.kind === 'subscription') return [overSocket];
  const overHttp: GraphqlAnswer<unknown> = await ask(sender, place.query, place.variables(value));
  return [overHttp, overSocket];
}

/** An object must be refused before any resolver runs; a text may be anything but too much for us. */
function outcomeOf({ data, errors = [] }: SocketAnswer<unknown>, value: unknown): string {
  const codes = errors.map(({ extensions }) => extensions.code);
  const isRefused = data === undefined && codes[0] === 'BAD_USER_INPUT';
  const isFine = typeof value === 'string' ? !codes.includes('INTERNAL_SERVER_ERROR') : isRefused;
  return isFine ? 'fine' : codes.join() || 'answered';
}

describe('an operator of the database', () => {
  const many = { address: 1e6, caller: 1e6 };

  it('is looked for in every operation that takes text', () => {
    const names = places.map(({ field, path }) => `${field}: ${path.join('.')}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'video: id',
        'videos: filter.titleContains',
        'uploadVideo: input.title',
        'videoProgress: videoId',
      ]),
    );
  });

  it(
    'is no value, and no more than a text, wherever an operation takes text',
    () =>
      withGateway({ kafka: 'silent', requestRates: many }, async (fixture) => {
        const { url, db, tenant, adminKey } = fixture;
        await storeVideo(db, tenant, { status: 'READY' });
        await storeVideo(db, await createTenant(db));
        const stored = () => db.model(Video).find().sort({ _id: 1 }).lean();
        const before = await stored();
        const sender = { url, key: adminKey };
        const socket = connect(sender);
        const outcomes = new Map<string, number>();
        for (const place of places) {
          const told = async (value: unknown) => {
            for (const answer of await answersTo(sender, socket, { place, value })) {
              const outcome = outcomeOf(answer, value);
              const where = `${place.field}, ${place.path.join('.')} = ${JSON.stringify(value)}: ${outcome}`;
              outcomes.set(where, (outcomes.get(where) ?? 0) + 1);
            }
          };
          await Promise.all([...operators, ...suspicious].map(told));
        }
        expect(outcomes.size).toBe(places.length * (operators.length + suspicious.length));
        expect([...outcomes.keys()].filter((where) => !where.endsWith(': fine'))).toEqual([]);
        expect(await stored()).toEqual(before);
        await socket.dispose();
      }),
    120_000,
  );

  it('is no credential', () =>
    withGateway({ kafka: 'silent' }, async ({ url, adminKey }) => {
      for (const key of ['{"$gt":""}', '$where', `${adminKey.slice(0, -8)}00000000`]) {
        expect((await ask({ url, key }, viewer)).status).toBe(401);
        const response = await fetch(`${url}/admin/stats`, { headers: { 'x-api-key': key } });
        expect(response.status).toBe(401);
      }
    }));

  it('is no id of a route', () =>
    withGateway({ kafka: 'silent' }, async ({ url, adminKey, db, tenant }) => {
      const id = await storeVideo(db, tenant);
      for (const path of ['%24where', '%7B%22%24gt%22%3A%22%22%7D', '[$gt]=']) {
        const response = await fetch(`${url}/admin/video/${path}/stop`, {
          method: 'POST',
          headers: { 'x-api-key': adminKey },
        });
        expect(response.status).toBe(404);
      }
      expect((await db.model(Video).findById(id).lean())?.status).toBe('PROCESSING');
    }));
});
