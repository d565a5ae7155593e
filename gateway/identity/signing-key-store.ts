import type { Database } from '../../platform/mongo.js';
import { SigningKey } from '../../schema/signing-key.js';

/** The key pairs of all gateways, sealed. */
export interface SigningKeyStore {
  /** Keeps a key where none has its id yet: of several who make it at once, one does. */
  add(key: SigningKey): Promise<void>;
  all(): Promise<SigningKey[]>;
}

export function createSigningKeyStore(deps: { db: Database }): SigningKeyStore {
  const keys = deps.db.model(SigningKey);
  return {
    async add({ _id, sealed, expiresAt }) {
      await keys.updateOne({ _id }, { $setOnInsert: { sealed, expiresAt } }, { upsert: true });
    },
    all: () => keys.find().lean<SigningKey[]>(),
  };
}
