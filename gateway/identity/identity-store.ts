import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import { type OutsideIdentity, User } from '../../schema/user.js';

/** Which accounts with outside providers are whose. */
export interface IdentityStore {
  findUser(identity: OutsideIdentity): Promise<User | undefined>;
  /**
   * Lets an account with a provider sign this user in, and their password, if it is to be dropped, no longer.
   * @throws AppError CONFLICT where the user has another account with this provider already
   */
  link(userId: string, identity: OutsideIdentity, options: { dropsPassword: boolean }): Promise<void>;
}

export function createIdentityStore(deps: { db: Database }): IdentityStore {
  const users = deps.db.model(User);

  return {
    async findUser({ issuer, subject }) {
      const found = await users.findOne({ identities: { $elemMatch: { issuer, subject } } }).lean<User>();
      return found ?? undefined;
    },

    async link(userId, identity, { dropsPassword }) {
      const { matchedCount } = await users.updateOne(
        { _id: userId, 'identities.issuer': { $ne: identity.issuer } },
        { $push: { identities: identity }, ...(dropsPassword && { $unset: { passwordHash: 1 } }) },
      );
      if (matchedCount === 0) throw new AppError('CONFLICT');
    },
  };
}
