import type { ApiKeyVerifier } from '../../platform/api-keys.js';
import { type Caller, keyCaller } from './caller.js';

/** Finds out who sends a credential. */
export interface Authenticator {
  /** Undefined where the credential is not valid now. Rejects where that cannot be found out. */
  verify(credential: string): Promise<Caller | undefined>;
}

/** API keys and the access tokens of users, told apart by their form. */
export function createAuthenticator(deps: { keys: ApiKeyVerifier; users: Authenticator }): Authenticator {
  return {
    async verify(credential) {
      if (!credential.startsWith('sp_')) return deps.users.verify(credential);
      const key = await deps.keys.verify(credential);
      return key && keyCaller(key);
    },
  };
}
