import { randomBytes } from 'node:crypto';
import * as library from '@node-rs/argon2';
import { MAX_PASSWORD_LENGTH, normalizePassword } from './password-rules.js';

/** Makes and checks hashes of passwords. */
export interface Passwords {
  /** Argon2id, in PHC string format. */
  hash(password: string): Promise<string>;
  /** Takes the same work where there is no hash, and says no. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
}

/** OWASP's Password Storage Cheat Sheet; argon2id is the library's own choice. KiB, passes, lanes. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function createPasswords(argon2: Pick<typeof library, 'hash' | 'verify'> = library): Passwords {
  const hashed = (password: string): Promise<string> => argon2.hash(normalizePassword(password), cost);
  const ofNobody = hashed(randomBytes(16).toString('base64url'));

  return {
    hash: hashed,

    async verify(passwordHash, password) {
      const isKnown = passwordHash !== undefined;
      const given = Array.from(normalizePassword(password));
      // Cut, so that a long one takes no more work; it is wrong anyhow.
      const text = given.slice(0, MAX_PASSWORD_LENGTH).join('');
      const isRight = await argon2.verify(isKnown ? passwordHash : await ofNobody, text);
      return isRight && isKnown && given.length <= MAX_PASSWORD_LENGTH;
    },
  };
}
