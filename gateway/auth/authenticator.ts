import type { ApiKeyVerifier } from '../../platform/api-keys.js';
import type { RequestSource } from '../../platform/key-restrictions.js';
import { type Caller, keyCaller } from './caller.js';

/** Finds out who sends a credential. */
export interface Authenticator {
  /**
   * Undefined where the credential is not valid, or not from there. What it allows may be as it was five
   * seconds ago. Rejects where that cannot be found out.
   */
  verify(credential: string, from?: RequestSource): Promise<Caller | undefined>;
  /**
   * Those of many credentials that are valid, with what they allow at this moment, wherever they come from.
   * Rejects as `verify` does.
   */
  verifyAll(credentials: readonly string[]): Promise<Map<string, Caller>>;
}

const isKey = (credential: string): boolean => credential.startsWith('sp_');

/** API keys and the access tokens of users, told apart by their form. */
export function createAuthenticator(deps: { keys: ApiKeyVerifier; users: Authenticator }): Authenticator {
  return {
    async verify(credential, from) {
      if (!isKey(credential)) return deps.users.verify(credential, from);
      const key = await deps.keys.verify(credential, from);
      return key && keyCaller(key);
    },

    async verifyAll(credentials) {
      const [keys, users] = await Promise.all([
        deps.keys.verifyAll(credentials.filter(isKey)),
        deps.users.verifyAll(credentials.filter((credential) => !isKey(credential))),
      ]);
      return new Map([...users, ...[...keys].map(([text, key]) => [text, keyCaller(key)] as const)]);
    },
  };
}
