import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { isDuplicateKey } from '../../platform/mongo-driver.js';
import { AppError } from '../../schema/errors.js';
import { newId } from '../../schema/ids.js';
import { type OutsideIdentity, User } from '../../schema/user.js';

/** A user to be; the address is a normalized one. */
export interface NewUser {
  email: string;
  name: string;
  passwordHash?: string;
  isSuperAdmin?: boolean;
  identities?: OutsideIdentity[];
}

export interface UserStore {
  findByEmail(email: string): Promise<User | undefined>;
  findById(id: string): Promise<User | undefined>;
  /** @throws AppError CONFLICT where the address has an account. */
  create(user: NewUser, session?: ClientSession): Promise<User>;
  /** Puts another hash in the place of this one; false where it is not there any more. */
  replacePassword(user: Pick<User, '_id' | 'passwordHash'>, passwordHash: string): Promise<boolean>;
}

export function createUserStore(deps: { db: Database }): UserStore {
  const users = deps.db.model(User);

  return {
    async findByEmail(email) {
      return (await users.findOne({ email }).lean<User>()) ?? undefined;
    },

    async findById(id) {
      return (await users.findById(id).lean<User>()) ?? undefined;
    },

    async create(user, session) {
      try {
        const [created] = await users.create([{ _id: newId('user'), ...user }], { session });
        return created?.toObject() as User;
      } catch (error) {
        throw isDuplicateKey(error) ? hasAccount(error) : error;
      }
    },

    async replacePassword({ _id, passwordHash: before }, passwordHash) {
      const unchanged = { passwordHash: before ?? { $exists: false } };
      const { modifiedCount } = await users.updateOne({ _id, ...unchanged }, { $set: { passwordHash } });
      return modifiedCount === 1;
    },
  };
}

const hasAccount = (cause: unknown): AppError =>
  new AppError('CONFLICT', { field: 'email', message: 'This address has an account: sign in.' }, { cause });
