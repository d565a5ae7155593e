import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { Membership } from '../../schema/membership.js';
import type { Role } from '../../schema/permissions.js';

/** Who belongs to which organization. */
export interface MemberStore {
  add(userId: string, organizationId: string, role: Role, session?: ClientSession): Promise<Membership>;
  ofUser(userId: string): Promise<Membership[]>;
}

export function createMemberStore(deps: { db: Database }): MemberStore {
  const memberships = deps.db.model(Membership);
  return {
    async add(userId, organizationId, role, session) {
      const membership = { _id: newId('member'), userId, organizationId, role };
      const [created] = await memberships.create([membership], { session });
      return created?.toObject() as Membership;
    },
    ofUser: (userId) => memberships.find({ userId }).lean<Membership[]>(),
  };
}
