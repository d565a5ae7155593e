import { LRUCache } from 'lru-cache';
import type { ClientSession } from 'mongoose';
import { cached } from '../cached.js';
import type { Database } from '../mongo.js';
import { Organization, type OrganizationLimits } from '../../schema/organization.js';

/** What organizations may use. */
export interface OrganizationLimitsStore {
  /** As they were at most five seconds ago: for what is asked with every request. */
  of(organizationId: string): Promise<OrganizationLimits>;
  /** As they are now. */
  read(organizationId: string, session?: ClientSession): Promise<OrganizationLimits>;
  /** Takes the place of all that were set before; undefined where there is no such organization. */
  set(organizationId: string, limits: OrganizationLimits): Promise<Organization | undefined>;
  /**
   * In a transaction: ends once no other one that holds this organization is under way. What is read after
   * it does not change until this one ends.
   */
  hold(organizationId: string, session: ClientSession): Promise<void>;
}

const MAX_AGE_MS = 5_000;
const MAX_ORGANIZATIONS = 1_000;

export function createOrganizationLimitsStore(deps: { db: Database }): OrganizationLimitsStore {
  const organizations = deps.db.model(Organization);
  const known = new LRUCache<string, () => Promise<OrganizationLimits>>({ max: MAX_ORGANIZATIONS });

  async function read(organizationId: string, session?: ClientSession): Promise<OrganizationLimits> {
    const found = await organizations
      .findById(organizationId, { limits: 1 }, { session })
      .lean<Pick<Organization, 'limits'>>();
    return found?.limits ?? {};
  }

  return {
    read,

    of(organizationId) {
      const load = known.get(organizationId) ?? cached(() => read(organizationId), { maxAgeMs: MAX_AGE_MS });
      known.set(organizationId, load);
      return load();
    },

    async set(organizationId, limits) {
      const changed = await organizations
        .findByIdAndUpdate(organizationId, { $set: { limits } }, { returnDocument: 'after' })
        .lean<Organization>();
      known.delete(organizationId);
      return changed ?? undefined;
    },

    async hold(organizationId, session) {
      await organizations.updateOne(
        { _id: organizationId },
        { $inc: { uploadTurn: 1 } },
        { session, timestamps: false },
      );
    },
  };
}
