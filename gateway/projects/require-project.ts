import { AppError } from '../../schema/errors.js';
import type { Permission } from '../../schema/permissions.js';
import type { Project } from '../../schema/project.js';
import { type Caller, placeOf, requirePermission } from '../auth/caller.js';
import type { ProjectStore } from './project-store.js';

/**
 * A project that the caller sees, and in which they may do this.
 * @throws AppError NOT_FOUND, FORBIDDEN (scope)
 */
export async function requireProject(
  projects: Pick<ProjectStore, 'find'>,
  id: string,
  { caller, permission }: { caller: Caller; permission: Permission },
): Promise<Project> {
  const project = await projects.find(id, caller);
  if (!project) throw new AppError('NOT_FOUND');
  requirePermission(caller, permission, placeOf(project));
  return project;
}
