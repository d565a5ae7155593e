import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** One key of the ring, split into keys that each serve one purpose only. */
export interface RingKey {
  /** Travels in clear with what the key sealed. */
  readonly id: string;
  /** AES-256-GCM. */
  readonly encryption: KeyObject;
  /** HMAC-SHA-256, for nonces that follow from the content. */
  readonly nonce: KeyObject;
  /** AES-256-GCM, for secrets that are kept in the database. */
  readonly storage: KeyObject;
  /** HMAC-SHA-256, for addresses that are capabilities. */
  readonly capability: KeyObject;
  /** HMAC-SHA-256, for what viewers are told apart by. */
  readonly viewer: KeyObject;
}

export interface KeyRing {
  /** Seals everything new. */
  readonly signing: RingKey;
  /** Opens what any key of the ring sealed. */
  find(id: string): RingKey | undefined;
}

const KEY_BYTES = 32;

/**
 * The key ring of `<kid>:<32 bytes, base64url>[,…]`; its first key signs. Key objects are built here,
 * once: handing raw bytes to each cipher costs several times as much.
 * @throws Error that names the bad entry by its position, never by its content.
 */
export function parseKeyRing(text: string): KeyRing {
  const keys = text.split(',').map((entry, index) => parseEntry(entry.trim(), index + 1));
  const byId = new Map(keys.map((key) => [key.id, key]));
  const [signing] = keys;
  if (!signing || byId.size !== keys.length) throw new Error('STREAM_KEYS: each key id may occur only once');
  return { signing, find: (id) => byId.get(id) };
}

function parseEntry(entry: string, position: number): RingKey {
  const [, id = '', encoded = ''] = /^([A-Za-z0-9_-]{1,16}):([A-Za-z0-9_-]+)$/.exec(entry) ?? [];
  const secret = Buffer.from(encoded, 'base64url');
  if (secret.length !== KEY_BYTES || secret.toString('base64url') !== encoded)
    throw new Error(`STREAM_KEYS: entry ${position} must be <kid>:<32 bytes, base64url>`);
  return {
    id,
    encryption: derive(secret, 'playback token encryption'),
    nonce: derive(secret, 'playback token nonce'),
    storage: derive(secret, 'stored secret encryption'),
    capability: derive(secret, 'capability address'),
    viewer: derive(secret, 'viewer pseudonym'),
  };
}

/** HKDF (RFC 5869): no derived key tells anything about another. */
const derive = (secret: Buffer, use: string): KeyObject =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', use, KEY_BYTES)));
