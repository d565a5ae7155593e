import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../test/support/any-text.js';
import { Role } from '../../schema/permissions.js';
import { invitationMail, passwordResetMail } from './mail-texts.js';

const expiresAt = new Date('2026-03-01T09:05:00Z');
const invitation = {
  to: 'ada@example.org',
  organization: 'Analytical Films',
  role: Role.MEMBER,
  inviter: 'Charles',
  url: 'https://app.test/invitations/abc',
  expiresAt,
};

describe('the mail with an invitation', () => {
  it('says who invites to what, until when, and where to go', () => {
    const { to, subject, text } = invitationMail(invitation);
    expect([to, subject]).toEqual(['ada@example.org', 'Invitation to “Analytical Films”']);
    expect(text).toContain('“Charles” invites you to join “Analytical Films”, with the role member.');
    expect(text).toMatch(/before 1 March 2026 at 09:05 UTC:\n\nhttps:\/\/app\.test\/invitations\/abc\n\n/);
    expect(invitationMail({ ...invitation, inviter: undefined }).text).toMatch(/^You are invited to join/);
  });

  it('has names of one short line, whatever they are', () => {
    const name = fc.oneof(
      anyText({ maxLength: 300 }),
      fc.constant('x\r\nBcc: everybody@example.org\r\n\r\nhello'),
    );
    const lines = invitationMail(invitation).text.split('\n').length;
    fc.assert(
      fc.property(name, name, (organization, inviter) => {
        const { subject, text } = invitationMail({ ...invitation, organization, inviter });
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(Array.from(subject).length).toBeLessThanOrEqual(100);
        expect(text.split(/\r\n|[\r\n\u2028\u2029]/)).toHaveLength(lines);
      }),
    );
  });
});

describe('the mail for a new password', () => {
  it('says until when and where to choose it, and that nothing has changed yet', () => {
    const url = 'https://app.test/password?token=abc';
    const { to, subject, text } = passwordResetMail({ to: 'ada@example.org', url, expiresAt });
    expect([to, subject]).toEqual(['ada@example.org', 'Choose a new password']);
    expect(text).toContain(`before 1 March 2026 at 09:05 UTC:\n\n${url}\n\n`);
    expect(text).toContain('your password stays as it is');
  });
});
