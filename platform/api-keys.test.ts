import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ApiKey } from '../schema/api-key.js';
import { createApiKeyVerifier, credentialOf, issueApiKey, parseApiKey } from './api-keys.js';
import type { Collections } from './mongo-driver.js';

const request = {
  name: 'test',
  scopes: ['video:read'] as const,
  organizationId: 'org_1',
  projectId: 'project_1',
};

/** As much of a database as the verifier uses, counting what it is asked. */
function fakeKeys(...stored: ApiKey[]) {
  const asked = { reads: 0, marks: 0 };
  const collection = {
    find: ({ _id: { $in } }: { _id: { $in: string[] } }) => ({
      toArray() {
        asked.reads += 1;
        return Promise.resolve(structuredClone(stored.filter(({ _id }) => $in.includes(_id))));
      },
    }),
    updateOne: ({ _id }: { _id: string }, update: { $set: Partial<ApiKey> }) => {
      asked.marks += 1;
      const document = stored.find((key) => key._id === _id);
      if (document) Object.assign(document, update.$set);
      return Promise.resolve();
    },
  };
  return { asked, db: { collection: () => collection } as unknown as Collections };
}

function setUp(extra: Partial<ApiKey> = {}) {
  const { key, document } = issueApiKey(request);
  const stored: ApiKey = { ...document, createdAt: new Date(0), ...extra };
  const { db, asked } = fakeKeys(stored);
  let now = 1_000_000;
  const verifier = createApiKeyVerifier({ db, now: () => now });
  return { key, stored, asked, verifier, pass: (ms: number) => (now += ms) };
}

describe('API keys', () => {
  it('lets a key through with what it was issued for', async () => {
    const { key, stored, verifier } = setUp();
    const { organizationId, projectId, scopes } = request;
    expect(await verifier.verify(key)).toEqual({ keyId: stored._id, organizationId, projectId, scopes });
    expect(JSON.stringify(stored)).not.toContain(parseApiKey(key)?.secret);
  });

  it('refuses a key with any one character changed, without asking the database', async () => {
    const { key, asked, verifier } = setUp();
    await fc.assert(
      fc.asyncProperty(fc.nat(key.length - 1), fc.constantFrom(...'aZ0_-'), async (at, other) => {
        fc.pre(key[at] !== other);
        expect(await verifier.verify(key.slice(0, at) + other + key.slice(at + 1))).toBeUndefined();
      }),
    );
    expect(asked.reads).toBe(0);
  });

  it('refuses a well-formed key whose secret is another one', async () => {
    const { stored, verifier } = setUp();
    const { key, document } = issueApiKey(request);
    stored._id = document._id;
    expect(await verifier.verify(key)).toBeUndefined();
  });

  it('takes a key only from where it may be used, also while it is cached', async () => {
    const { key, stored, asked, verifier } = setUp({ cidrs: ['192.0.2.0/24'], origins: ['https://a.test'] });
    const from = { address: '::ffff:192.0.2.1', origin: 'https://a.test' };
    expect(await verifier.verify(key)).toBeUndefined();
    expect(await verifier.verify(key, { ...from, origin: undefined })).toBeUndefined();
    expect(stored.lastUsedAt).toBeUndefined();
    expect(await verifier.verify(key, from)).toBeDefined();
    expect(await verifier.verify(key, { ...from, address: '198.51.100.1' })).toBeUndefined();
    expect(asked.reads).toBe(1);
  });

  it('refuses an expired key even while it is cached', async () => {
    const { key, verifier, pass } = setUp({ expiresAt: new Date(1_001_000) });
    expect(await verifier.verify(key)).toBeDefined();
    pass(1_000);
    expect(await verifier.verify(key)).toBeUndefined();
  });

  it('notices a revocation within five seconds, and reads no more often than that', async () => {
    const { key, stored, asked, verifier, pass } = setUp();
    await verifier.verify(key);
    stored.revokedAt = new Date();
    pass(4_999);
    expect(await verifier.verify(key)).toBeDefined();
    expect(asked.reads).toBe(1);
    pass(1);
    expect(await verifier.verify(key)).toBeUndefined();
  });

  it('are verified together by one look, at what holds now', async () => {
    const { key, stored, asked, verifier } = setUp();
    await verifier.verify(key);
    const { key: unknown } = issueApiKey(request);
    const verified = await verifier.verifyAll([key, unknown, 'nonsense']);
    expect([...verified]).toMatchObject([[key, { keyId: stored._id, scopes: request.scopes }]]);
    expect(asked.reads).toBe(2);
    stored.revokedAt = new Date();
    expect(await verifier.verifyAll([key])).toEqual(new Map());
    expect(await verifier.verify(key)).toBeUndefined();
    expect(await verifier.verifyAll(['nonsense'])).toEqual(new Map());
    expect(asked.reads).toBe(3);
  });

  it('notes its last use at most once a minute', async () => {
    const { key, asked, verifier, pass } = setUp();
    await verifier.verify(key);
    pass(59_999);
    await verifier.verify(key);
    expect(asked.marks).toBe(1);
    pass(1);
    await verifier.verify(key);
    expect(asked.marks).toBe(2);
  });

  it('reads a credential from either header', () => {
    expect(credentialOf({ authorization: 'bearer abc' })).toBe('abc');
    expect(credentialOf({ 'x-api-key': ' abc ' })).toBe('abc');
    expect(credentialOf({ authorization: 'Basic abc' })).toBeUndefined();
  });
});
