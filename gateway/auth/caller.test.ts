import { describe, expect, it } from '@jest/globals';
import { rolePermissions } from '../../schema/permissions.js';
import {
  anonymous,
  type Caller,
  requirePermission,
  visibleInvitations,
  visibleKeys,
  visibleOrganizations,
  visibleProjects,
  visibleVideos,
} from './caller.js';

const keyOf = (place: { organizationId?: string; projectId?: string }, isAdmin = false): Caller => ({
  kind: 'API_KEY',
  id: 'key_a',
  grants: [{ ...place, permissions: isAdmin ? ['admin'] : ['video:read'] }],
});
const user: Caller = {
  kind: 'USER',
  id: 'user_a',
  grants: [
    { organizationId: 'o1', permissions: rolePermissions.OWNER },
    { organizationId: 'o2', permissions: rolePermissions.VIEWER },
  ],
};

describe('what a caller sees', () => {
  it.each([
    { who: 'an administrator', caller: keyOf({}, true), videos: {}, projects: {}, organizations: {} },
    {
      who: 'a project key',
      caller: keyOf({ organizationId: 'o', projectId: 'p' }),
      videos: { organizationId: 'o', projectId: 'p' },
      projects: { organizationId: 'o', _id: 'p' },
      organizations: { _id: { $in: ['o'] } },
    },
    {
      who: 'an organization key',
      caller: keyOf({ organizationId: 'o' }),
      videos: { organizationId: 'o' },
      projects: { organizationId: 'o' },
      organizations: { _id: { $in: ['o'] } },
    },
    {
      who: 'a member of two organizations',
      caller: user,
      videos: { $or: [{ organizationId: 'o1' }, { organizationId: 'o2' }] },
      projects: { $or: [{ organizationId: 'o1' }, { organizationId: 'o2' }] },
      organizations: { _id: { $in: ['o1', 'o2'] } },
    },
    { who: 'a key of nothing', caller: keyOf({}) },
    { who: 'nobody in particular', caller: anonymous },
  ])('$who', ({ caller, videos, projects, organizations }) => {
    expect(visibleVideos(caller)).toEqual(videos);
    expect(visibleProjects(caller)).toEqual(projects);
    expect(visibleOrganizations(caller)).toEqual(organizations);
    expect(visibleKeys(caller)).toEqual(videos);
  });

  it('of invitations is those of its organizations', () => {
    expect(visibleInvitations(user)).toEqual({ organizationId: { $in: ['o1', 'o2'] } });
    expect(visibleInvitations(keyOf({}, true))).toEqual({});
    expect(visibleInvitations(anonymous)).toBeUndefined();
  });
});

describe('a permission', () => {
  it('reaches as far as the membership that gives it', () => {
    const write = (organizationId: string) => () =>
      requirePermission(user, 'video:write', { organizationId, projectId: 'p' });
    expect(write('o1')).not.toThrow();
    expect(write('o2')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
    expect(write('o3')).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  it('of a project key does not reach its organization', () => {
    const key = keyOf({ organizationId: 'o', projectId: 'p' });
    expect(() => requirePermission(key, 'video:read', { organizationId: 'o', projectId: 'p' })).not.toThrow();
    expect(() => requirePermission(key, 'video:read', { organizationId: 'o' })).toThrow();
    expect(() => requirePermission(key, 'video:read', { organizationId: 'o', projectId: 'q' })).toThrow();
  });

  it('of an administrator reaches everything', () => {
    expect(() => requirePermission(keyOf({}, true), 'key:write', { organizationId: 'o' })).not.toThrow();
  });
});
