import { parseKeyRing } from '../../platform/key-ring.js';
import type { SigningKey } from '../../schema/signing-key.js';
import { createSigningKeys, type SigningKeys } from '../../gateway/identity/signing-keys.js';

/** Signing keys that are kept in memory. */
export function memorySigningKeys(now?: () => number): SigningKeys {
  const stored = new Map<string, SigningKey>();
  const store = {
    add: (key: SigningKey) => Promise.resolve(void stored.set(key._id, key)),
    all: () => Promise.resolve([...stored.values()]),
  };
  const ring = parseKeyRing(`k1:${Buffer.alloc(32, 1).toString('base64url')}`);
  return createSigningKeys({ store, ring, now });
}
