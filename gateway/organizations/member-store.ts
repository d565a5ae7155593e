import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { isDuplicateKey } from '../../platform/mongo-driver.js';
import { AppError } from '../../schema/errors.js';
import { newId } from '../../schema/ids.js';
import { Membership } from '../../schema/membership.js';
import { Organization } from '../../schema/organization.js';
import { Role } from '../../schema/permissions.js';

/** Who has which part in which organization. */
export interface MemberStore {
  /** @throws AppError CONFLICT where the user is a member already */
  add(userId: string, organizationId: string, role: Role, session?: ClientSession): Promise<Membership>;
  find(userId: string, organizationId: string, session?: ClientSession): Promise<Membership | undefined>;
  ofUser(userId: string): Promise<Membership[]>;
  /** The first to have joined come first; no more than are shown. */
  ofOrganization(organizationId: string): Promise<Membership[]>;
  countOwners(organizationId: string, session: ClientSession): Promise<number>;
  setRole(id: string, role: Role, session: ClientSession): Promise<void>;
  remove(id: string, session: ClientSession): Promise<void>;
  /**
   * Runs `work` in a transaction of which an organization has one at a time: it sees what the one before
   * it has changed, and may run more than once.
   */
  exclusively<T>(organizationId: string, work: (session: ClientSession) => Promise<T>): Promise<T>;
}

const MAX_SHOWN = 1_000;

export function createMemberStore(deps: { db: Database }): MemberStore {
  const { db } = deps;
  const memberships = db.model(Membership);
  const organizations = db.model(Organization);

  return {
    async add(userId, organizationId, role, session) {
      const membership = new memberships({ _id: newId('member'), userId, organizationId, role });
      try {
        await membership.save({ session });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new AppError('CONFLICT', { message: 'The user is a member already.' }, { cause: error });
      }
      return membership.toObject();
    },

    async find(userId, organizationId, session) {
      const found = await memberships
        .findOne({ userId, organizationId }, null, { session })
        .lean<Membership>();
      return found ?? undefined;
    },

    async ofUser(userId) {
      return memberships.find({ userId }).sort({ _id: 1 }).lean<Membership[]>();
    },

    async ofOrganization(organizationId) {
      return memberships.find({ organizationId }).sort({ _id: 1 }).limit(MAX_SHOWN).lean<Membership[]>();
    },

    async countOwners(organizationId, session) {
      return memberships.countDocuments({ organizationId, role: Role.OWNER }, { session });
    },

    async setRole(id, role, session) {
      await memberships.updateOne({ _id: id }, { $set: { role } }, { session });
    },

    async remove(id, session) {
      await memberships.deleteOne({ _id: id }, { session });
    },

    exclusively: (organizationId, work) =>
      db.transaction(async (session) => {
        // Of two transactions that write the same document, one has to begin again after the other.
        await organizations.updateOne({ _id: organizationId }, { $inc: { memberChanges: 1 } }, { session });
        return work(session);
      }),
  };
}
