import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing, RingKey } from '../../platform/key-ring.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Node takes tags of 4 bytes unless it is told what to expect. */
const cipherOptions = { authTagLength: TAG_BYTES };

/**
 * A secret that only who has the key ring can read: `<key id>.<base64url(nonce, AES-256-GCM, tag)>`. It
 * opens only under the same `name`, so that it cannot be put in another one's place.
 */
export function sealSecret(key: RingKey, name: string, secret: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.storage, nonce, cipherOptions).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${key.id}.${sealed.toString('base64url')}`;
}

/** What was sealed under this name; undefined where the ring has no key for it, or somebody changed it. */
export function openSecret(ring: KeyRing, name: string, sealed: string): string | undefined {
  const [keyId = '', encoded = ''] = sealed.split('.');
  const key = ring.find(keyId);
  const bytes = Buffer.from(encoded, 'base64url');
  if (!key || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key.storage, bytes.subarray(0, NONCE_BYTES), cipherOptions);
  decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const opened = [decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString('utf8');
  } catch {
    return undefined;
  }
}
