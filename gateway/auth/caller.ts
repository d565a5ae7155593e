import type { VerifiedKey } from '../../platform/api-keys.js';
import { AppError } from '../../schema/errors.js';
import type { Membership } from '../../schema/membership.js';
import { type Permission, rolePermissions } from '../../schema/permissions.js';
import type { Project } from '../../schema/project.js';
import type { User } from '../../schema/user.js';
import type { Policy } from './policies.js';

/** Permissions and how far they reach: a project, an organization or, without either, the installation. */
export interface Grant {
  organizationId?: string;
  projectId?: string;
  permissions: readonly Permission[];
}

/** Who sends a request, once the credentials are verified. */
export interface Caller {
  kind: 'ANONYMOUS' | 'API_KEY' | 'USER';
  /** Of the key or the user. */
  id: string;
  /** A user has one for each organization they are a member of. */
  grants: readonly Grant[];
  /** The session of a user. */
  sessionId?: string;
}

/** Whoever has sent no credential. */
export const anonymous: Caller = { kind: 'ANONYMOUS', id: 'anonymous', grants: [] };

export const keyCaller = ({ keyId, organizationId, projectId, scopes }: VerifiedKey): Caller => ({
  kind: 'API_KEY',
  id: keyId,
  grants: [{ organizationId, projectId, permissions: scopes }],
});

const installation: Grant = { permissions: ['admin'] };

/** A user may do what their roles say, each in its organization; a super admin, everything. */
export const userCaller = (
  { _id: id, isSuperAdmin }: Pick<User, '_id' | 'isSuperAdmin'>,
  memberships: readonly Pick<Membership, 'organizationId' | 'role'>[],
  sessionId: string,
): Caller => ({
  kind: 'USER',
  id,
  sessionId,
  grants: [
    ...(isSuperAdmin ? [installation] : []),
    ...memberships.map(({ organizationId, role }) => ({
      organizationId,
      permissions: rolePermissions[role],
    })),
  ],
});

const hasAdmin = ({ permissions }: Grant): boolean => permissions.includes('admin');

export const isAdmin = ({ grants }: Caller): boolean => grants.some(hasAdmin);

/** Whether the caller may do this somewhere. */
const mayDo = (caller: Caller, permission: Permission): boolean =>
  caller.grants.some((grant) => hasAdmin(grant) || grant.permissions.includes(permission));

/** @throws AppError UNAUTHENTICATED, FORBIDDEN (scope) */
export function requirePolicy(caller: Caller, policy: Policy): void {
  if (policy === 'public') return;
  if (caller.kind === 'ANONYMOUS') throw new AppError('UNAUTHENTICATED');
  if (policy !== 'authenticated' && !mayDo(caller, policy))
    throw new AppError('FORBIDDEN', { scope: policy });
}

/**
 * The user who asks, and the session they do it in.
 * @throws AppError FORBIDDEN where it is a key
 */
export function requireUser({ kind, id: userId, sessionId }: Caller): { userId: string; sessionId: string } {
  if (kind === 'USER' && sessionId !== undefined) return { userId, sessionId };
  throw new AppError('FORBIDDEN', { message: 'Only a user who is signed in can do this.' });
}

/** Where something stands. */
export interface Place {
  organizationId: string;
  projectId?: string;
}

export const placeOf = ({
  _id: projectId,
  organizationId,
}: Pick<Project, '_id' | 'organizationId'>): Place => ({
  organizationId,
  projectId,
});

const reaches = (grant: Grant, { organizationId, projectId }: Place): boolean =>
  hasAdmin(grant) ||
  (grant.organizationId === organizationId &&
    (grant.projectId === undefined || grant.projectId === projectId));

/**
 * For what the caller can see: whether it may also do this to it.
 * @throws AppError FORBIDDEN (scope)
 */
export function requirePermission(caller: Caller, permission: Permission, place: Place): void {
  const may = caller.grants.some(
    (grant) => reaches(grant, place) && (hasAdmin(grant) || grant.permissions.includes(permission)),
  );
  if (!may) throw new AppError('FORBIDDEN', { scope: permission });
}

/** A condition that every document must meet to exist for this caller. */
export type Visibility = Record<string, unknown>;

/** Condition for documents that say where they stand under these names. */
function visible(caller: Caller, projectField: '_id' | 'projectId'): Visibility | undefined {
  if (isAdmin(caller)) return {};
  const places = caller.grants.flatMap(({ organizationId, projectId }) => {
    if (organizationId === undefined) return [];
    return projectId === undefined ? [{ organizationId }] : [{ organizationId, [projectField]: projectId }];
  });
  if (places.length === 0) return undefined;
  return places.length === 1 ? places[0] : { $or: places };
}

/** Videos the caller may see; undefined where that is none. */
export const visibleVideos = (caller: Caller): Visibility | undefined => visible(caller, 'projectId');

/** Projects the caller may see; undefined where that is none. */
export const visibleProjects = (caller: Caller): Visibility | undefined => visible(caller, '_id');

/** API keys the caller may see; undefined where that is none. */
export const visibleKeys = (caller: Caller): Visibility | undefined => visible(caller, 'projectId');

/** Condition for what says under this name to which organization it belongs as a whole. */
function visibleAsWhole(caller: Caller, field: '_id' | 'organizationId'): Visibility | undefined {
  if (isAdmin(caller)) return {};
  const ids = caller.grants.flatMap(({ organizationId }) => organizationId ?? []);
  return ids.length > 0 ? { [field]: { $in: ids } } : undefined;
}

/** Organizations the caller sees as a whole; undefined where that is none. */
export const visibleOrganizations = (caller: Caller): Visibility | undefined => visibleAsWhole(caller, '_id');

/** Invitations the caller may see; undefined where that is none. */
export const visibleInvitations = (caller: Caller): Visibility | undefined =>
  visibleAsWhole(caller, 'organizationId');
