import type { Database } from '../../platform/mongo.js';
import { SignInCode } from '../../schema/sign-in-code.js';
import { hashOfSecret, newSecret } from './random-secret.js';

/** Codes that stand in a URL in place of a session's tokens. */
export interface SignInCodes {
  /** A code that is good once, for a minute. */
  issue(userId: string): Promise<string>;
  /** The user it was issued to; undefined where there is none such, or not any more. */
  redeem(code: string): Promise<string | undefined>;
}

const LIFETIME_MS = 60_000;

export function createSignInCodes(deps: { db: Database; now?: () => number }): SignInCodes {
  const codes = deps.db.model(SignInCode);
  const now = deps.now ?? Date.now;

  return {
    async issue(userId) {
      const code = newSecret();
      await codes.create({ _id: hashOfSecret(code), userId, expiresAt: new Date(now() + LIFETIME_MS) });
      return code;
    },

    async redeem(code) {
      // One step, so that of two who come with the same code one goes without.
      const redeemed = await codes
        .findOneAndDelete({ _id: hashOfSecret(code), expiresAt: { $gt: new Date(now()) } })
        .lean<SignInCode>();
      return redeemed?.userId;
    },
  };
}
