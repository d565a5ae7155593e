import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { Organization } from '../../schema/organization.js';

export interface OrganizationStore {
  create(name: string, session?: ClientSession): Promise<Organization>;
}

export function createOrganizationStore(deps: { db: Database }): OrganizationStore {
  const organizations = deps.db.model(Organization);
  return {
    async create(name, session) {
      const [created] = await organizations.create([{ _id: newId('org'), name }], { session });
      return created?.toObject() as Organization;
    },
  };
}
