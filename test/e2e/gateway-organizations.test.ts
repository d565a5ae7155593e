import { describe, expect, it } from '@jest/globals';
import type { Role } from '../../schema/permissions.js';
import { ask } from './gateway-client.js';
import { createTenant } from './gateway-fixture.js';
import { remove, rolesIn, setRole, told } from './gateway-member-operations.js';
import { type Person, withPeople } from './gateway-people.js';

describe('organizations', () => {
  it('are made by an administrator, seen by their members, and renamed by their owners', () =>
    withPeople({}, async (fixture) => {
      const { tenant, adminKey } = fixture;
      const { organizationId: id } = tenant;
      const owner = await fixture.person({ [id]: 'OWNER' });
      const admin = await fixture.person({ [id]: 'ADMIN' });
      const create = 'mutation ($name: String!) { createOrganization(name: $name) { id name } }';
      expect(await told(fixture, owner, create, { name: 'Mine' })).toBe('FORBIDDEN');
      expect(await told(fixture, { key: adminKey }, create, { name: '  ' })).toBe('BAD_USER_INPUT');
      expect(await told(fixture, { key: adminKey }, create, { name: ' Second ' })).toMatchObject({
        createOrganization: { name: 'Second' },
      });

      const list = '{ organizations { edges { node { name } } } }';
      const names = (...all: string[]) => ({
        organizations: { edges: all.map((name) => ({ node: { name } })) },
      });
      expect(await told(fixture, owner, list)).toEqual(names('Organization'));
      expect(await told(fixture, { key: adminKey }, list)).toEqual(names('Second', 'Organization'));
      expect(await told(fixture, { key: tenant.key }, list)).toBe('FORBIDDEN');

      const rename = 'mutation ($id: ID!) { updateOrganization(id: $id, name: "New") { name } }';
      expect(await told(fixture, admin, rename, { id })).toBe('FORBIDDEN');
      expect(await told(fixture, owner, rename, { id })).toEqual({ updateOrganization: { name: 'New' } });
    }));

  it('have projects, which their administrators make and name', () =>
    withPeople({}, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const admin = await fixture.person({ [o]: 'ADMIN' });
      const member = await fixture.person({ [o]: 'MEMBER' });
      const create =
        'mutation ($o: ID!) { createProject(organizationId: $o, name: "Films") { id name organization { id } } }';
      expect(await told(fixture, member, create, { o })).toBe('FORBIDDEN');
      const made = await told(fixture, admin, create, { o });
      expect(made).toMatchObject({ createProject: { name: 'Films', organization: { id: o } } });
      const { id } = (made as { createProject: { id: string } }).createProject;
      const rename = 'mutation ($id: ID!) { updateProject(id: $id, name: "Clips") { name } }';
      expect(await told(fixture, member, rename, { id })).toBe('FORBIDDEN');
      expect(await told(fixture, admin, rename, { id })).toEqual({ updateProject: { name: 'Clips' } });
      const read = 'query ($id: ID!) { project(id: $id) { name } }';
      expect(await told(fixture, member, read, { id })).toEqual({ project: { name: 'Clips' } });
    }));

  it('tell a user who they are and of what', () =>
    withPeople({}, async (fixture) => {
      const { db, tenant } = fixture;
      const other = await createTenant(db);
      const query = `{ viewer { kind organization { id } roles user { id email }
        memberships { role organization { id } } } }`;
      const [a, b] = [tenant.organizationId, other.organizationId];
      const both = await fixture.person({ [a]: 'OWNER', [b]: 'VIEWER' });
      expect(await told(fixture, both, query)).toEqual({
        viewer: {
          ...{ kind: 'USER', organization: null, roles: [], user: { id: both.id, email: both.email } },
          memberships: [
            { role: 'OWNER', organization: { id: a } },
            { role: 'VIEWER', organization: { id: b } },
          ],
        },
      });
      const one = await fixture.person({ [a]: 'OWNER' });
      expect(await told(fixture, one, query)).toMatchObject({
        viewer: { organization: { id: a }, roles: [] },
      });
      expect(await told(fixture, { key: tenant.key }, query)).toMatchObject({
        viewer: { kind: 'API_KEY', user: null, memberships: [] },
      });
      const root = await fixture.person({}, { isSuperAdmin: true });
      expect(await told(fixture, root, query)).toMatchObject({ viewer: { roles: ['SUPER_ADMIN'] } });
    }));
});

describe('members', () => {
  it('are told to each other, and to nobody else', () =>
    withPeople({}, async (fixture) => {
      const { url, tenant, adminKey } = fixture;
      const { organizationId: id } = tenant;
      const owner = await fixture.person({ [id]: 'OWNER' });
      const viewer = await fixture.person({ [id]: 'VIEWER' });
      const query =
        'query ($id: ID!) { organization(id: $id) { members { role since user { id email name } } } }';
      const seen = await told(fixture, viewer, query, { id });
      const since = expect.stringMatching(/^20.*Z$/) as unknown;
      expect(seen).toEqual({
        organization: {
          members: [
            { role: 'OWNER', since, user: { id: owner.id, email: owner.email, name: 'Test' } },
            { role: 'VIEWER', since, user: { id: viewer.id, email: viewer.email, name: 'Test' } },
          ],
        },
      });
      expect(await told(fixture, { key: adminKey }, query, { id })).toEqual(seen);
      const asKey = await ask({ url, key: tenant.key }, '{ viewer { organization { members { role } } } }');
      expect(asKey.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }));

  it('are changed by who is at least as much as they are', () =>
    withPeople({}, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const owner = await fixture.person({ [o]: 'OWNER' });
      const admin = await fixture.person({ [o]: 'ADMIN' });
      const viewer = await fixture.person({ [o]: 'VIEWER' });
      const set = (by: Person, u: Person, role: Role) => told(fixture, by, setRole, { o, u: u.id, role });
      expect(await set(admin, owner, 'VIEWER')).toBe('FORBIDDEN');
      expect(await set(admin, admin, 'OWNER')).toBe('FORBIDDEN');
      expect(await set(viewer, viewer, 'MEMBER')).toBe('FORBIDDEN');
      expect(await told(fixture, admin, remove, { o, u: owner.id })).toBe('FORBIDDEN');
      expect(await set(admin, viewer, 'ADMIN')).toEqual({ setMemberRole: { role: 'ADMIN' } });
      expect(await set(owner, admin, 'OWNER')).toEqual({ setMemberRole: { role: 'OWNER' } });
      expect(await told(fixture, viewer, remove, { o, u: viewer.id })).toEqual({ removeMember: viewer.id });
      expect(await told(fixture, owner, remove, { o, u: viewer.id })).toBe('NOT_FOUND');
      expect(await rolesIn(fixture, o)).toEqual({ [owner.id]: 'OWNER', [admin.id]: 'OWNER' });
    }));

  it('include an owner, however many go at the same time', () =>
    withPeople({}, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const owners = await Promise.all(Array.from({ length: 4 }, () => fixture.person({ [o]: 'OWNER' })));
      const leaving = owners.map((owner, n) =>
        n % 2 === 0
          ? told(fixture, owner, remove, { o, u: owner.id })
          : told(fixture, owner, setRole, { o, u: owner.id, role: 'ADMIN' }),
      );
      const refused = (await Promise.all(leaving)).filter((answer) => answer === 'CONFLICT');
      expect(refused).toHaveLength(1);
      expect(Object.values(await rolesIn(fixture, o)).filter((role) => role === 'OWNER')).toHaveLength(1);
    }));

  it('who take each other’s part at the same time do so one after the other', () =>
    withPeople({}, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const a = await fixture.person({ [o]: 'OWNER' });
      const b = await fixture.person({ [o]: 'OWNER' });
      const answers = await Promise.all([
        told(fixture, a, setRole, { o, u: b.id, role: 'VIEWER' }),
        told(fixture, b, setRole, { o, u: a.id, role: 'VIEWER' }),
      ]);
      expect(answers.filter((answer) => answer === 'FORBIDDEN')).toHaveLength(1);
      expect(Object.values(await rolesIn(fixture, o)).toSorted()).toEqual(['OWNER', 'VIEWER']);
    }));
});
