import type { ClientSession } from 'mongoose';
import { type Database, inOrderOf } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { Organization } from '../../schema/organization.js';
import { type Caller, visibleOrganizations } from '../auth/caller.js';
import { newestFirst, olderThan, positionById } from '../paging/newest-first.js';
import { type Page, pageOf, type PageArgs, rowsToRead } from '../paging/page.js';

/** Organizations, as far as a caller may see them. */
export interface OrganizationStore {
  /** The name must be fit to be shown. */
  create(name: string, session?: ClientSession): Promise<Organization>;
  /** Undefined both where there is none and where it is not the caller's. */
  find(id: string, caller: Caller): Promise<Organization | undefined>;
  /** Organizations by id, in the order asked for, for documents that are already known to be visible. */
  findMany(ids: readonly string[]): Promise<(Organization | undefined)[]>;
  /** The newest first. */
  page(args: PageArgs, caller: Caller): Promise<Page<Organization>>;
  /** The organization with its new name; undefined where the caller sees none. */
  rename(id: string, name: string, caller: Caller): Promise<Organization | undefined>;
}

export function createOrganizationStore(deps: { db: Database }): OrganizationStore {
  const organizations = deps.db.model(Organization);

  return {
    async create(name, session) {
      const organization = new organizations({ _id: newId('org'), name });
      await organization.save({ session });
      return organization.toObject();
    },

    async find(id, caller) {
      const visible = visibleOrganizations(caller);
      if (!visible) return undefined;
      const found = await organizations.findOne({ $and: [{ _id: id }, visible] }).lean<Organization>();
      return found ?? undefined;
    },

    async findMany(ids) {
      const found = await organizations.find({ _id: { $in: [...ids] } }).lean<Organization[]>();
      return inOrderOf(ids, found);
    },

    async page(args, caller) {
      const visible = visibleOrganizations(caller);
      const older = olderThan(args);
      const rows = visible
        ? await organizations
            .find({ $and: [visible, older] })
            .sort(newestFirst)
            .limit(rowsToRead(args))
            .lean<Organization[]>()
        : [];
      return pageOf(rows, args, positionById);
    },

    async rename(id, name, caller) {
      const visible = visibleOrganizations(caller);
      if (!visible) return undefined;
      const renamed = await organizations
        .findOneAndUpdate({ $and: [{ _id: id }, visible] }, { $set: { name } }, { returnDocument: 'after' })
        .lean<Organization>();
      return renamed ?? undefined;
    },
  };
}
