import { describe, expect, it } from '@jest/globals';
import { Invitation } from '../../schema/invitation.js';
import { accept, invite, remove, rolesIn, told, tokenFor } from './gateway-member-operations.js';
import { withPeople } from './gateway-people.js';

describe('an invitation', () => {
  it('makes whom it names a member, once', () =>
    withPeople({}, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const owner = await fixture.person({ [o]: 'OWNER' });
      const guest = await fixture.person({}, { email: 'guest@example.com' });
      const other = await fixture.person();
      const sent = await tokenFor(fixture, owner, { email: ' Guest@Example.com', role: 'MEMBER' });
      expect(sent.link).toMatch(/^https:\/\/app\.test\/studio\/invitation#/);
      expect(sent.invitation).toMatchObject({ email: 'guest@example.com', role: 'MEMBER' });
      const { token } = sent;
      expect(await told(fixture, other, accept, { token })).toBe('BAD_USER_INPUT');
      expect(await told(fixture, { key: fixture.tenant.key }, accept, { token })).toBe('FORBIDDEN');
      expect(await told(fixture, guest, accept, { token: 'nonsense' })).toBe('BAD_USER_INPUT');

      const twice = await Promise.all([
        told(fixture, guest, accept, { token }),
        told(fixture, guest, accept, { token }),
      ]);
      expect(twice).toContainEqual({
        acceptInvitation: { role: 'MEMBER', organization: { id: o }, user: { id: guest.id } },
      });
      expect(twice).toContain('BAD_USER_INPUT');
      expect(await rolesIn(fixture, o)).toEqual({ [owner.id]: 'OWNER', [guest.id]: 'MEMBER' });
      expect(await told(fixture, owner, invite, { o, email: guest.email, role: 'VIEWER' })).toBe('CONFLICT');
    }));

  it('is over when it is taken back, replaced, or its time has come', () =>
    withPeople({}, async (fixture) => {
      const { db } = fixture;
      const { organizationId: o } = fixture.tenant;
      const admin = await fixture.person({ [o]: 'ADMIN' });
      const guest = await fixture.person();
      const to = { email: guest.email, role: 'VIEWER' } as const;
      const [first, second] = [await tokenFor(fixture, admin, to), await tokenFor(fixture, admin, to)];
      const pending = 'query ($o: ID!) { organization(id: $o) { invitations { id } } }';
      expect(await told(fixture, admin, pending, { o })).toEqual({
        organization: { invitations: [{ id: second.invitation.id }] },
      });
      const revoke = 'mutation ($id: ID!) { revokeInvitation(id: $id) { email } }';
      const { id } = second.invitation;
      expect(await told(fixture, admin, revoke, { id })).toEqual({ revokeInvitation: { email: to.email } });
      expect(await told(fixture, admin, revoke, { id })).toBe('CONFLICT');
      const third = await tokenFor(fixture, admin, to);
      await db
        .model(Invitation)
        .updateOne({ _id: third.invitation.id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
      for (const { token } of [first, second, third]) {
        expect(await told(fixture, guest, accept, { token })).toBe('BAD_USER_INPUT');
      }
      expect(await rolesIn(fixture, o)).toEqual({ [admin.id]: 'ADMIN' });
    }));

  it('offers no more than who makes it may give, and ends with their part', () =>
    withPeople({}, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const owner = await fixture.person({ [o]: 'OWNER' });
      const admin = await fixture.person({ [o]: 'ADMIN' });
      const member = await fixture.person({ [o]: 'MEMBER' });
      const guest = await fixture.person();
      const { email } = guest;
      expect(await told(fixture, admin, invite, { o, email, role: 'OWNER' })).toBe('FORBIDDEN');
      expect(await told(fixture, member, invite, { o, email, role: 'VIEWER' })).toBe('FORBIDDEN');
      expect(await told(fixture, owner, invite, { o, email: 'no address', role: 'VIEWER' })).toBe(
        'BAD_USER_INPUT',
      );
      const ofOwner = await tokenFor(fixture, owner, { email: 'boss@example.com', role: 'OWNER' });
      const revoke = 'mutation ($id: ID!) { revokeInvitation(id: $id) { id } }';
      expect(await told(fixture, admin, revoke, { id: ofOwner.invitation.id })).toBe('FORBIDDEN');
      expect(await told(fixture, admin, invite, { o, email: 'boss@example.com', role: 'VIEWER' })).toBe(
        'FORBIDDEN',
      );

      const { token } = await tokenFor(fixture, admin, { email, role: 'ADMIN' });
      await told(fixture, owner, remove, { o, u: admin.id });
      expect(await told(fixture, guest, accept, { token })).toBe('BAD_USER_INPUT');
    }));

  it('is mailed where mails can be sent, and not told then', () =>
    withPeople({ sendsMail: true }, async (fixture) => {
      const { organizationId: o } = fixture.tenant;
      const owner = await fixture.person({ [o]: 'OWNER' }, { name: 'Olive' });
      expect(await told(fixture, owner, invite, { o, email: 'a@example.com', role: 'MEMBER' })).toMatchObject(
        {
          inviteMember: { link: null },
        },
      );
      const [mail] = fixture.mails;
      expect(mail?.to).toBe('a@example.com');
      expect(mail?.text).toContain('“Olive” invites you to join “Organization”');
      expect(mail?.text).toContain('https://app.test/studio/invitation#');
    }));
});
