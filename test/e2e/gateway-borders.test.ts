import { describe, expect, it } from '@jest/globals';
import { AuditEntry } from '../../schema/audit-entry.js';
import { Invitation } from '../../schema/invitation.js';
import { ask } from './gateway-client.js';
import { createTenant } from './gateway-fixture.js';
import { accept, remove, setRole, told, tokenFor } from './gateway-member-operations.js';
import { withPeople } from './gateway-people.js';
import { storeVideo } from './gateway-videos.js';

/** Who sends a request, and what their organization may use, is looked up every few seconds. */
const isOfSender = (collection: string, args: unknown[]): boolean =>
  ['sessions', 'users', 'memberships'].includes(collection) || JSON.stringify(args).includes('"limits":1');

/** What gateways tidy up every second, whoever asks for what. */
const isOfSweeps = (collection: string, method: string): boolean =>
  ['blobRemovals', 'deletedVideos', 'playbackRevocations', 'uploadSessions'].includes(collection) ||
  (collection === 'projects' && method === 'findOneAndUpdate');

describe('another organization', () => {
  interface Case {
    name: string;
    query: string;
    /** Of things of the organization that somebody else may not see. */
    of: (foreign: Record<'o' | 'project' | 'key' | 'invitation', string>) => Record<string, unknown>;
  }
  const cases: Case[] = [
    {
      name: 'organization',
      query: 'query ($id: ID!) { organization(id: $id) { id } }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'updateOrganization',
      query: 'mutation ($id: ID!) { updateOrganization(id: $id, name: "x") { id } }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'createProject',
      query: 'mutation ($id: ID!) { createProject(organizationId: $id, name: "x") { id } }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'updateProject',
      query: 'mutation ($id: ID!) { updateProject(id: $id, name: "x") { id } }',
      of: ({ project: id }) => ({ id }),
    },
    {
      name: 'inviteMember',
      query:
        'mutation ($id: ID!) { inviteMember(organizationId: $id, email: "a@b.c", role: VIEWER) { link } }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'revokeInvitation',
      query: 'mutation ($id: ID!) { revokeInvitation(id: $id) { id } }',
      of: ({ invitation: id }) => ({ id }),
    },
    {
      name: 'setMemberRole',
      query:
        'mutation ($id: ID!) { setMemberRole(organizationId: $id, userId: "user_x", role: VIEWER) { role } }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'removeMember',
      query: 'mutation ($id: ID!) { removeMember(organizationId: $id, userId: "user_x") }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'auditLog',
      query: 'query ($id: ID!) { auditLog(organizationId: $id) { edges { cursor } } }',
      of: ({ o: id }) => ({ id }),
    },
    {
      name: 'apiKeys',
      query: 'query ($id: ID!) { apiKeys(projectId: $id) { id } }',
      of: ({ project: id }) => ({ id }),
    },
    {
      name: 'createApiKey',
      query:
        'mutation ($id: ID!) { createApiKey(input: { projectId: $id, name: "x", scopes: ["video:read"] }) { secret } }',
      of: ({ project: id }) => ({ id }),
    },
    {
      name: 'rotateApiKey',
      query: 'mutation ($id: ID!) { rotateApiKey(id: $id) { secret } }',
      of: ({ key: id }) => ({ id }),
    },
    {
      name: 'revokeApiKey',
      query: 'mutation ($id: ID!) { revokeApiKey(id: $id) { id } }',
      of: ({ key: id }) => ({ id }),
    },
  ];

  it('answers exactly like one that is missing, after as many questions to the database', () =>
    withPeople({}, async (fixture) => {
      const { db, url, tenant } = fixture;
      const other = await createTenant(db);
      const stranger = await fixture.person({ [other.organizationId]: 'OWNER' });
      const owner = await fixture.person({ [tenant.organizationId]: 'OWNER' });
      const { invitation } = await tokenFor(fixture, owner, { email: 'a@example.com', role: 'VIEWER' });
      const foreign = {
        ...{ o: tenant.organizationId, project: tenant.projectId },
        ...{ key: `key_${tenant.key.slice(8, 34)}`, invitation: invitation.id },
      };
      const missing = Object.fromEntries(
        Object.entries(foreign).map(([name, id]) => [name, id.replace(/_.*/, '_00000000000000000000000000')]),
      ) as typeof foreign;

      let asked: string[] = [];
      db.connection.set('debug', (collection: string, method: string, ...args: unknown[]) => {
        if (isOfSweeps(collection, method) || isOfSender(collection, args)) return;
        asked.push(`${collection}.${method}`);
      });
      const answer = async ({ query, of }: Case, ids: typeof foreign) => {
        asked = [];
        const { data, errors, status } = await ask({ url, key: stranger.key }, query, of(ids));
        return { data, errors, status, asked };
      };
      for (const one of cases) {
        const [toForeign, toMissing] = [await answer(one, foreign), await answer(one, missing)];
        expect({ name: one.name, ...toForeign }).toEqual({ name: one.name, ...toMissing });
        expect(toForeign.asked.length).toBeGreaterThan(0);
        const code = toForeign.errors?.[0]?.extensions.code;
        expect(code ?? toForeign.data).toEqual(
          one.name === 'organization' ? { organization: null } : 'NOT_FOUND',
        );
      }
      db.connection.set('debug', false);
    }));
});

describe('the audit log', () => {
  it('tells owners of their organization what was done in it, and nobody else', () =>
    withPeople({}, async (fixture) => {
      const { db, url, tenant, adminKey } = fixture;
      const { organizationId: o } = tenant;
      const owner = await fixture.person({ [o]: 'OWNER' });
      const admin = await fixture.person({ [o]: 'ADMIN' });
      const guest = await fixture.person();
      const { token } = await tokenFor(fixture, owner, { email: guest.email, role: 'MEMBER' });
      await told(fixture, guest, accept, { token });
      await told(fixture, owner, setRole, { o, u: guest.id, role: 'ADMIN' });
      await told(fixture, admin, remove, { o, u: owner.id });
      const id = await storeVideo(db, tenant);
      const stop = 'mutation ($id: ID!) { stopVideo(id: $id) { id } }';
      await ask({ url, key: tenant.key }, stop, { id });
      await fetch(`${url}/admin/video/${id}/stop`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}` },
      });
      await ask({ url, key: adminKey }, 'mutation { pauseProcessing { paused } }');

      const query =
        'query ($o: ID) { auditLog(organizationId: $o) { edges { node { action actor target result organizationId } } } }';
      const keyId = (key: string) => `key_${key.slice(8, 34)}`;
      const node = (actor: string, action: string, target: string, result = 'OK') => ({
        node: { actor, action, target, result, organizationId: o },
      });
      const invitation = await db.model(Invitation).findOne({ email: guest.email }).lean();
      const entries = [
        node(keyId(adminKey), 'stopVideo', id, 'CONFLICT'),
        node(keyId(tenant.key), 'stopVideo', id),
        node(admin.id, 'removeMember', owner.id, 'FORBIDDEN'),
        node(owner.id, 'setMemberRole', guest.id),
        node(guest.id, 'acceptInvitation', invitation?._id ?? ''),
        node(owner.id, 'inviteMember', o),
      ];
      expect(await told(fixture, owner, query, { o })).toEqual({ auditLog: { edges: entries } });
      expect(await told(fixture, { key: adminKey }, query, { o })).toEqual({ auditLog: { edges: entries } });
      expect(await told(fixture, owner, query)).toBe('FORBIDDEN');
      expect(await told(fixture, admin, query, { o })).toBe('FORBIDDEN');
      const both = await fixture.person({
        ...{ [o]: 'ADMIN', [(await createTenant(db)).organizationId]: 'OWNER' },
      });
      expect(await told(fixture, both, query, { o })).toBe('FORBIDDEN');
      const all = await told(fixture, { key: adminKey }, query);
      expect((all as { auditLog: { edges: unknown[] } }).auditLog.edges).toHaveLength(entries.length + 1);
      const secrets = JSON.stringify(await db.model(AuditEntry).find().lean());
      expect(secrets).not.toContain(token);
    }));
});
