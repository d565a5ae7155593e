import { type Database, inOrderOf } from '../../platform/mongo.js';
import { User } from '../../schema/user.js';

/** Users by id, in the order asked for, for callers who are already known to see them. */
export interface UserLookup {
  findMany(ids: readonly string[]): Promise<(User | undefined)[]>;
}

/** What is told of a user; what they sign in with is not even read. */
const shown = { email: 1, name: 1, createdAt: 1 } as const;

export function createUserLookup(deps: { db: Database }): UserLookup {
  const users = deps.db.model(User);

  return {
    async findMany(ids) {
      const found = await users.find({ _id: { $in: [...ids] } }, shown).lean<User[]>();
      return inOrderOf(ids, found);
    },
  };
}
