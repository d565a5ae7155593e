import type { ApiKeyScope } from '../../schema/api-key.js';
import type { VerifiedKey } from '../../platform/api-keys.js';

/** Who sends a request, once the credentials are verified. */
export type Caller = VerifiedKey;

/** What an operation may ask for: one scope, or no more than a valid credential. */
export type Policy = ApiKeyScope | 'authenticated';

export const isAdmin = (caller: Caller): boolean => caller.scopes.includes('admin');

/** Whether the caller may do what the policy guards. */
export const mayDo = (caller: Caller, policy: Policy): boolean =>
  policy === 'authenticated' || isAdmin(caller) || caller.scopes.includes(policy);

/** A condition that every document must meet to exist for this caller. */
export type Visibility = Partial<Record<'_id' | 'projectId' | 'organizationId', string>>;

/** Videos the caller may see; undefined where that is none. */
export function visibleVideos(caller: Caller): Visibility | undefined {
  if (isAdmin(caller)) return {};
  const { organizationId, projectId } = caller;
  if (organizationId === undefined) return undefined;
  return projectId === undefined ? { organizationId } : { organizationId, projectId };
}

/** Projects the caller may see; undefined where that is none. */
export function visibleProjects(caller: Caller): Visibility | undefined {
  const visible = visibleVideos(caller);
  if (!visible) return undefined;
  const { projectId, ...rest } = visible;
  return projectId === undefined ? rest : { ...rest, _id: projectId };
}
