import type { Database } from '../../platform/mongo.js';
import { Organization } from '../../schema/organization.js';
import { Project } from '../../schema/project.js';
import { type Caller, visibleProjects } from '../auth/caller.js';
import { newestFirst, olderThan, positionById } from '../paging/newest-first.js';
import { type Page, pageOf, type PageArgs, rowsToRead } from '../paging/page.js';

/** Projects and organizations, as far as a caller may see them. */
export interface ProjectStore {
  /** Undefined both where there is none and where it is not the caller's. */
  find(id: string, caller: Caller): Promise<Project | undefined>;
  /** Projects by id, in the order asked for, for documents that are already known to be visible. */
  findMany(ids: readonly string[]): Promise<(Project | undefined)[]>;
  organization(id: string): Promise<Organization | undefined>;
  /** The newest first. */
  page(args: PageArgs, caller: Caller): Promise<Page<Project>>;
}

export function createProjectStore(deps: { db: Database }): ProjectStore {
  const projects = deps.db.model(Project);
  const organizations = deps.db.model(Organization);

  return {
    async find(id, caller) {
      const visible = visibleProjects(caller);
      if (!visible) return undefined;
      return (await projects.findOne({ $and: [{ _id: id }, visible] }).lean<Project>()) ?? undefined;
    },

    async findMany(ids) {
      const found = await projects.find({ _id: { $in: [...ids] } }).lean<Project[]>();
      const byId = new Map(found.map((project) => [project._id, project]));
      return ids.map((id) => byId.get(id));
    },

    async organization(id) {
      return (await organizations.findById(id).lean<Organization>()) ?? undefined;
    },

    async page(args, caller) {
      const visible = visibleProjects(caller);
      const older = olderThan(args);
      const rows = visible
        ? await projects
            .find({ $and: [visible, older] })
            .sort(newestFirst)
            .limit(rowsToRead(args))
            .lean<Project[]>()
        : [];
      return pageOf(rows, args, positionById);
    },
  };
}
