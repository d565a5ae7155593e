import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { memorySigningKeys } from '../../test/support/signing-keys.js';
import { createSignedTokens } from './signed-tokens.js';

const issuer = 'https://gateway.test';
const kind = { typ: 'at+jwt', audience: 'stream-plus' };
const START = 1_800_000_000_000;

function withTokens() {
  let now = START;
  const keys = memorySigningKeys(() => now);
  const tokens = createSignedTokens({ keys, issuer, now: () => now });
  return { keys, tokens, pass: (ms: number) => (now += ms) };
}

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const claims = (changes: JWTPayload = {}): JWTPayload => {
  const seconds = START / 1000;
  return { sub: 'user_a', iss: issuer, aud: kind.audience, iat: seconds, exp: seconds + 60, ...changes };
};

describe('a signed token', () => {
  it('says what was signed, until it expires', async () => {
    const { tokens, pass } = withTokens();
    const token = await tokens.sign(kind, { sub: 'user_a' }, 60);
    expect(await tokens.open(kind, token)).toEqual(claims());
    pass(59_999);
    expect(await tokens.open(kind, token)).toBeDefined();
    pass(1);
    expect(await tokens.open(kind, token)).toBeUndefined();
  });

  it('is not good for another purpose or another installation', async () => {
    const { keys, tokens } = withTokens();
    const token = await tokens.sign(kind, { sub: 'user_a' }, 60);
    const elsewhere = createSignedTokens({ keys, issuer: 'https://other.test', now: () => START });
    expect(await tokens.open({ ...kind, typ: 'invitation+jwt' }, token)).toBeUndefined();
    expect(await tokens.open({ ...kind, audience: 'other' }, token)).toBeUndefined();
    expect(await elsewhere.open(kind, token)).toBeUndefined();
    expect(await elsewhere.open(kind, await elsewhere.sign(kind, {}, 60))).toBeDefined();
  });

  it('with any one character changed is refused', async () => {
    const { tokens } = withTokens();
    const token = await tokens.sign(kind, { sub: 'user_a' }, 60);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'aZ0_-.'), async (at, other) => {
        fc.pre(token[at] !== other);
        const opened = await tokens.open(kind, token.slice(0, at) + other + token.slice(at + 1));
        // The last character has bits that mean nothing: what they say is not what is trusted.
        expect([undefined, 'user_a']).toContain(opened?.sub);
        if (at < token.length - 1) expect(opened).toBeUndefined();
      }),
    );
  });

  it('is not just any text', () =>
    fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (...parts) => {
        const { tokens } = withTokens();
        expect(await tokens.open(kind, parts.join('.'))).toBeUndefined();
      }),
      { numRuns: 30 },
    ));

  it('is looked for nowhere when it is endless', async () => {
    const { tokens } = withTokens();
    expect(await tokens.open(kind, 'a'.repeat(100_000))).toBeUndefined();
  });

  it('is neither good nor bad while the keys cannot be read', async () => {
    const down = () => Promise.reject(new Error('no database'));
    const { tokens, keys } = withTokens();
    const token = await tokens.sign(kind, {}, 60);
    const blind = createSignedTokens({ keys: { ...keys, find: down }, issuer, now: () => START });
    await expect(blind.open(kind, token)).rejects.toThrow('no database');
  });
});

describe('a forged token', () => {
  const header = async () => {
    const { keys, tokens } = withTokens();
    const { id: kid, privateKey } = await keys.current();
    const [publicJwk] = (await keys.published()).keys;
    return { kid, privateKey, publicJwk, tokens, good: { alg: 'EdDSA', typ: kind.typ, kid } };
  };

  it('that needs no signature is refused (alg none)', async () => {
    const { tokens, good } = await header();
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
      const unsigned = `${encode({ ...good, alg })}.${encode(claims())}.`;
      expect(await tokens.open(kind, unsigned)).toBeUndefined();
    }
  });

  it('whose secret is the public key is refused (key confusion)', async () => {
    const { tokens, good, publicJwk } = await header();
    const raw = Buffer.from(publicJwk?.x ?? '', 'base64url');
    for (const secret of [raw, Buffer.from(publicJwk?.x ?? ''), Buffer.from(JSON.stringify(publicJwk))]) {
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS512', 'sha512'],
        ['EdDSA', 'sha256'],
      ] as const) {
        const body = `${encode({ ...good, alg })}.${encode(claims())}`;
        const mac = createHmac(hash, secret).update(body).digest('base64url');
        expect(await tokens.open(kind, `${body}.${mac}`)).toBeUndefined();
      }
    }
  });

  it('that brings its own key is refused', async () => {
    const { tokens, good } = await header();
    const own = await generateKeyPair('EdDSA', { extractable: true });
    const jwk = await exportJWK(own.publicKey);
    const headers = [
      good,
      { ...good, jwk },
      { ...good, kid: 'own', jwk },
      { ...good, jku: 'https://evil.test/jwks.json' },
    ];
    for (const forged of headers) {
      const token = await new SignJWT(claims()).setProtectedHeader(forged).sign(own.privateKey);
      expect(await tokens.open(kind, token)).toBeUndefined();
    }
  });

  it.each([
    ['typ', { typ: 'JWT' }, {}],
    ['no typ', { typ: undefined }, {}],
    ['no kid', { kid: undefined }, {}],
    ['crit', { crit: ['exp'] }, {}],
    ['iss', {}, { iss: 'https://evil.test' }],
    ['no iss', {}, { iss: undefined }],
    ['aud', {}, { aud: 'other' }],
    ['no aud', {}, { aud: undefined }],
    ['exp', {}, { exp: START / 1000 - 1 }],
    ['no exp', {}, { exp: undefined }],
    ['a word for exp', {}, { exp: 'never' as unknown as number }],
    ['nbf', {}, { nbf: START / 1000 + 60 }],
  ])('is refused for its %s, though our key signed it', async (_what, inHeader, inClaims) => {
    const { tokens, good, privateKey } = await header();
    const sign = (changes: object, payload: JWTPayload) =>
      new SignJWT(payload).setProtectedHeader({ ...good, ...changes }).sign(privateKey);
    expect(await tokens.open(kind, await sign({}, claims()))).toBeDefined();
    expect(
      await sign(inHeader, claims(inClaims)).then(
        (token) => tokens.open(kind, token),
        () => undefined,
      ),
    ).toBeUndefined();
  });
});
