import { registerEnumType } from 'type-graphql';

/**
 * What a credential may do within its reach. `admin` is everything, in the whole installation; the others
 * reach as far as the credential does.
 */
export const permissions = [
  'admin',
  'organization:read',
  'organization:write',
  'member:write',
  'audit:read',
  'key:read',
  'key:write',
  'project:read',
  'project:write',
  'video:read',
  'video:write',
  'video:stop',
  'video:delete',
  'playback:sign',
  'playback:revoke',
] as const;
export type Permission = (typeof permissions)[number];

/** What the key of one project's application may have. */
export const projectScopes = [
  'project:read',
  'video:read',
  'video:write',
  'video:stop',
  'video:delete',
  'playback:sign',
  'playback:revoke',
] as const satisfies readonly Permission[];

/** A member's part in an organization. */
export const Role = { OWNER: 'OWNER', ADMIN: 'ADMIN', MEMBER: 'MEMBER', VIEWER: 'VIEWER' } as const;
export type Role = (typeof Role)[keyof typeof Role];

registerEnumType(Role, {
  name: 'Role',
  description: "A member's part in an organization: each may do what the next one may, and more.",
});

const viewer = ['organization:read', 'project:read', 'video:read', 'playback:sign'] as const;
const member = [...viewer, 'video:write', 'video:stop', 'video:delete', 'playback:revoke'] as const;
const admin = [...member, 'project:write', 'key:read', 'key:write', 'member:write'] as const;
const owner = [...admin, 'organization:write', 'audit:read'] as const;

/** What each role may do in its organization. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  OWNER: owner,
  ADMIN: admin,
  MEMBER: member,
  VIEWER: viewer,
};
