import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, type JWK_OKP_Private } from 'jose';
import type { KeyRing } from '../../platform/key-ring.js';
import type { SigningKey } from '../../schema/signing-key.js';
import type { SigningKeyStore } from './signing-key-store.js';
import { openSecret, sealSecret } from './stored-secrets.js';

/** What tokens are signed with, the same for all gateways. */
export interface SigningKeys {
  /** Signs now. */
  current(): Promise<{ id: string; privateKey: CryptoKey }>;
  /** What a token with this key id is verified with; undefined where no gateway can have signed it. */
  find(id: string): Promise<CryptoKey | undefined>;
  /** The public halves (RFC 7517), those of keys to come included. */
  published(): Promise<{ keys: JWK[] }>;
}

/** Ed25519, by the name that libraries of any age know (RFC 8037). */
export const SIGNATURE = 'EdDSA';

const DAY_MS = 86_400_000;
/** A key signs for this long. */
const PERIOD_MS = 30 * DAY_MS;
/** What it has signed may be shown for this long: a week, and a day in which no clock is so wrong. */
const VERIFIED_FOR_MS = 8 * DAY_MS;
/** A key that another gateway has made is known after this long, milliseconds. */
const MAX_AGE_MS = 60_000;
/** Somebody may invent ids of keys: they are looked for no more often than this, milliseconds. */
const MIN_AGE_MS = 10_000;

interface KeyPair {
  id: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: JWK;
}

/**
 * Keys by the month, each made long before it signs. Its id names the key of the ring that it is sealed
 * with: a turned ring signs with new keys at once, and what a key that was taken out had sealed is good
 * for nothing.
 */
export function createSigningKeys(deps: {
  store: SigningKeyStore;
  ring: KeyRing;
  now?: () => number;
}): SigningKeys {
  const { store, ring } = deps;
  const now = deps.now ?? Date.now;
  const periodNow = (): number => Math.floor(now() / PERIOD_MS);
  const idOf = (period: number): string => `jwk_${period}_${ring.signing.id}`;
  let latest: { pairs: Promise<Map<string, KeyPair>>; readAt: number } | undefined;

  async function read(): Promise<Map<string, KeyPair>> {
    const period = periodNow();
    const stored = await store.all();
    const isMissing = (one: number) => !stored.some(({ _id }) => _id === idOf(one));
    const missing = [period, period + 1].filter(isMissing);
    for (const one of missing) await store.add(await newKey(one));
    const pairs = await Promise.all((missing.length > 0 ? await store.all() : stored).map(openKey));
    return new Map(pairs.flatMap((pair) => (pair ? [[pair.id, pair] as const] : [])));
  }

  async function newKey(period: number): Promise<SigningKey> {
    const _id = idOf(period);
    const { privateKey } = await generateKeyPair(SIGNATURE, { extractable: true });
    const sealed = sealSecret(ring.signing, _id, JSON.stringify(await exportJWK(privateKey)));
    return { _id, sealed, expiresAt: new Date((period + 1) * PERIOD_MS + VERIFIED_FOR_MS) };
  }

  async function openKey({ _id, sealed }: SigningKey): Promise<KeyPair | undefined> {
    const opened = openSecret(ring, _id, sealed);
    if (opened === undefined) return undefined;
    const { crv, x, d } = JSON.parse(opened) as JWK_OKP_Private;
    const publicPart = { kty: 'OKP' as const, crv, x };
    const [privateKey, publicKey] = await Promise.all([
      importJWK({ ...publicPart, d }, SIGNATURE),
      importJWK(publicPart, SIGNATURE),
    ]);
    return {
      id: _id,
      privateKey,
      publicKey,
      publicJwk: { ...publicPart, kid: _id, alg: SIGNATURE, use: 'sig' },
    };
  }

  function pairs(maxAgeMs: number): Promise<Map<string, KeyPair>> {
    if (latest && now() - latest.readAt < maxAgeMs) return latest.pairs;
    const fresh = { pairs: read(), readAt: now() };
    latest = fresh;
    fresh.pairs.catch(() => {
      if (latest === fresh) latest = undefined;
    });
    return fresh.pairs;
  }

  return {
    async current() {
      const id = idOf(periodNow());
      const pair = (await pairs(MAX_AGE_MS)).get(id);
      if (!pair) throw new Error(`the signing key ${id} cannot be read with STREAM_KEYS`);
      return { id, privateKey: pair.privateKey };
    },

    async find(id) {
      const pair = (await pairs(MAX_AGE_MS)).get(id) ?? (await pairs(MIN_AGE_MS)).get(id);
      return pair?.publicKey;
    },

    async published() {
      return { keys: [...(await pairs(MAX_AGE_MS)).values()].map(({ publicJwk }) => publicJwk) };
    },
  };
}
