import { describe, expect, it } from '@jest/globals';
import { jwtVerify, SignJWT } from 'jose';
import { parseKeyRing } from '../../platform/key-ring.js';
import type { SigningKey } from '../../schema/signing-key.js';
import { createSigningKeys, type SigningKeys } from './signing-keys.js';

const DAY_MS = 86_400_000;
const secret = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const k1 = parseKeyRing(`k1:${secret(1)}`);
const turned = parseKeyRing(`k2:${secret(2)},k1:${secret(1)}`);
const k2 = parseKeyRing(`k2:${secret(2)}`);

/** Gateways on one database and one clock. */
function withStore() {
  const stored = new Map<string, SigningKey>();
  const state = { stored, reads: 0, now: 600 * DAY_MS };
  const store = {
    add: (key: SigningKey) => Promise.resolve(void (stored.has(key._id) || stored.set(key._id, key))),
    all() {
      state.reads += 1;
      return Promise.resolve([...stored.values()]);
    },
  };
  return { state, gateway: (ring = k1) => createSigningKeys({ store, ring, now: () => state.now }) };
}

async function sign(keys: SigningKeys): Promise<{ kid: string; token: string }> {
  const { id: kid, privateKey } = await keys.current();
  return { kid, token: await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey) };
}

async function isVerified(keys: SigningKeys, { kid, token }: { kid: string; token: string }) {
  const key = await keys.find(kid);
  return key !== undefined && (await jwtVerify(token, key)).protectedHeader.kid === kid;
}

describe('signing keys', () => {
  it('are the same for gateways that start at once', async () => {
    const { state, gateway } = withStore();
    const [one, other] = [gateway(), gateway()];
    const [byOne, byOther] = await Promise.all([sign(one), sign(other)]);
    expect(byOne.kid).toBe(byOther.kid);
    expect(await isVerified(one, byOther)).toBe(true);
    expect(await isVerified(other, byOne)).toBe(true);
    expect([...state.stored.keys()]).toEqual(['jwk_20_k1', 'jwk_21_k1']);
  });

  it('are published before they sign, and without their private halves', async () => {
    const { state, gateway } = withStore();
    const keys = gateway();
    const first = await sign(keys);
    const published = await keys.published();
    expect(published.keys).toMatchObject([
      { kid: first.kid, kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' },
      { kid: 'jwk_21_k1' },
    ]);
    expect(published.keys.some((key) => 'd' in key)).toBe(false);
    state.now += 30 * DAY_MS;
    const next = await sign(keys);
    expect(published.keys.map(({ kid }) => kid)).toContain(next.kid);
    expect(next.kid).not.toBe(first.kid);
    expect(await isVerified(keys, first)).toBe(true);
  });

  it('may go a week after they have signed', async () => {
    const { state, gateway } = withStore();
    const { kid } = await sign(gateway());
    expect(state.stored.get(kid)?.expiresAt).toEqual(new Date((630 + 8) * DAY_MS));
  });

  it('are kept unreadable', async () => {
    const { state, gateway } = withStore();
    await gateway().current();
    for (const { sealed } of state.stored.values()) expect(sealed).toMatch(/^k1\.[A-Za-z0-9_-]{100,}$/);
  });

  it('are made anew for a turned ring; the old ones go with the key that sealed them', async () => {
    const { gateway } = withStore();
    const before = await sign(gateway(k1));
    const during = gateway(turned);
    const after = gateway(k2);
    expect(await isVerified(during, before)).toBe(true);
    expect(await isVerified(after, before)).toBe(false);
    expect(await isVerified(after, await sign(during))).toBe(true);
  });

  it('are read once a minute, and for an unknown id every ten seconds at most', async () => {
    const { state, gateway } = withStore();
    const keys = gateway();
    const { id: kid } = await keys.current();
    const atStart = state.reads;
    const readsOf = async (id: string, times: number) => {
      const before = state.reads;
      for (let time = 0; time < times; time += 1) await keys.find(id);
      return state.reads - before;
    };
    expect(atStart).toBe(2);
    state.now += 9_999;
    expect(await readsOf('jwk_invented', 50)).toBe(0);
    state.now += 1;
    expect(await readsOf('jwk_invented', 50)).toBe(1);
    expect(await readsOf(kid, 50)).toBe(0);
    state.now += 60_000;
    expect(await readsOf(kid, 50)).toBe(1);
  });

  it('of another gateway are known as soon as one of its tokens comes', async () => {
    const { state, gateway } = withStore();
    const [old, fresh] = [gateway(turned), gateway(k1)];
    await old.current();
    const signed = await sign(fresh);
    state.now += 10_000;
    expect(await isVerified(old, signed)).toBe(true);
  });

  it('are looked for again after the database could not be asked', async () => {
    let isUp = false;
    const { state } = withStore();
    const store = {
      add: (key: SigningKey) => Promise.resolve(void state.stored.set(key._id, key)),
      all: () =>
        isUp ? Promise.resolve([...state.stored.values()]) : Promise.reject(new Error('no database')),
    };
    const keys = createSigningKeys({ store, ring: k1 });
    await expect(keys.current()).rejects.toThrow('no database');
    isUp = true;
    expect((await keys.current()).id).toMatch(/^jwk_\d+_k1$/);
  });
});
