import { type Database, inOrderOf } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { Project } from '../../schema/project.js';
import { type Caller, visibleProjects } from '../auth/caller.js';
import { newestFirst, olderThan, positionById } from '../paging/newest-first.js';
import { type Page, pageOf, type PageArgs, rowsToRead } from '../paging/page.js';

/** Projects, as far as a caller may see them. */
export interface ProjectStore {
  /** Undefined both where there is none and where it is not the caller's. */
  find(id: string, caller: Caller): Promise<Project | undefined>;
  /** Projects by id, in the order asked for, for documents that are already known to be visible. */
  findMany(ids: readonly string[]): Promise<(Project | undefined)[]>;
  /** The newest first. */
  page(args: PageArgs, caller: Caller): Promise<Page<Project>>;
  /** The name must be fit to be shown. */
  create(project: Pick<Project, 'organizationId' | 'name'>): Promise<Project>;
  /** The project as it is changed; undefined where the caller sees none. */
  update(id: string, change: ProjectChange, caller: Caller): Promise<Project | undefined>;
}

/** What is absent stays. The name must be fit to be shown. */
export type ProjectChange = Partial<
  Pick<Project, 'name' | 'keepSource' | 'deleteAfterDays' | 'playbackPolicy' | 'playbackOrigins'>
>;

export function createProjectStore(deps: { db: Database }): ProjectStore {
  const projects = deps.db.model(Project);

  return {
    async find(id, caller) {
      const visible = visibleProjects(caller);
      if (!visible) return undefined;
      return (await projects.findOne({ $and: [{ _id: id }, visible] }).lean<Project>()) ?? undefined;
    },

    async findMany(ids) {
      const found = await projects.find({ _id: { $in: [...ids] } }).lean<Project[]>();
      return inOrderOf(ids, found);
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

    async create(project) {
      return (await projects.create({ _id: newId('project'), ...project })).toObject();
    },

    async update(id, change, caller) {
      const visible = visibleProjects(caller);
      if (!visible) return undefined;
      const changed = await projects
        .findOneAndUpdate(
          { $and: [{ _id: id }, visible] },
          [{ $set: literally(change) }, { $set: { retentionAt } }],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean<Project>();
      return changed ?? undefined;
    },
  };
}

const literally = (change: ProjectChange): object =>
  Object.fromEntries(
    Object.entries(change).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, { $literal: value }]],
    ),
  );

/** Its videos are looked at at once where not all of them is kept. */
const retentionAt = {
  $cond: [{ $or: [{ $eq: ['$keepSource', false] }, { $gt: ['$deleteAfterDays', 0] }] }, '$$NOW', '$$REMOVE'],
};
