import type { Database } from '../../platform/mongo.js';
import { Membership } from '../../schema/membership.js';
import { Session } from '../../schema/session.js';
import { User } from '../../schema/user.js';
import { type Caller, userCaller } from '../auth/caller.js';

export interface CallerStore {
  /** Users with what they may do now, by those of these sessions that are open. */
  bySession(sessionIds: readonly string[]): Promise<Map<string, Caller>>;
}

export function createCallerStore(deps: { db: Database }): CallerStore {
  const sessions = deps.db.model(Session);
  const users = deps.db.model(User);
  const memberships = deps.db.model(Membership);

  const open = (ids: readonly string[]): Promise<Session[]> =>
    sessions
      .find(
        { _id: { $in: ids }, revokedAt: { $exists: false }, expiresAt: { $gt: new Date() } },
        { userId: 1 },
      )
      .lean<Session[]>();

  return {
    async bySession(sessionIds) {
      const found = await open(sessionIds);
      const userIds = [...new Set(found.map(({ userId }) => userId))];
      const [people, roles] = await Promise.all([
        users.find({ _id: { $in: userIds } }, { isSuperAdmin: 1 }).lean<User[]>(),
        // In an order of their own, so that equal grants are equal.
        memberships
          .find({ userId: { $in: userIds } }, { userId: 1, organizationId: 1, role: 1 })
          .sort({ userId: 1, organizationId: 1 })
          .lean<Membership[]>(),
      ]);
      const userById = new Map(people.map((user) => [user._id, user]));
      const rolesOf = Map.groupBy(roles, ({ userId }) => userId);
      return new Map(
        found.flatMap(({ _id, userId }) => {
          const user = userById.get(userId);
          return user ? [[_id, userCaller(user, rolesOf.get(userId) ?? [], _id)] as const] : [];
        }),
      );
    },
  };
}
