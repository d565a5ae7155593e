import type { Role } from '../../schema/permissions.js';
import { displayText } from '../videos/display-text.js';
import type { Mail } from './mailer.js';

/** An invitation, as whoever is invited is told of it. */
export interface InvitationFacts {
  to: string;
  organization: string;
  role: Role;
  /** Name of who invites. */
  inviter?: string;
  url: string;
  expiresAt: Date;
}

/** Names are given by strangers: short, so that they cannot tell a story of their own in our name. */
const MAX_NAME_CHARS = 80;

export function invitationMail(facts: InvitationFacts): Mail {
  const organization = quoted(facts.organization);
  const by = facts.inviter === undefined ? 'You are invited' : `${quoted(facts.inviter)} invites you`;
  return {
    to: facts.to,
    subject: `Invitation to ${organization}`,
    text: paragraphs(
      `${by} to join ${organization}, with the role ${facts.role.toLowerCase()}.`,
      `To accept, open this link before ${moment(facts.expiresAt)}:`,
      facts.url,
      'It works once. If you do not know what this is about, ignore this mail: nothing happens then.',
    ),
  };
}

/** A link by which somebody who has forgotten their password chooses another. */
export function passwordResetMail(facts: { to: string; url: string; expiresAt: Date }): Mail {
  return {
    to: facts.to,
    subject: 'Choose a new password',
    text: paragraphs(
      'Somebody, presumably you, has asked for a new password for the account with this address.',
      `To choose one, open this link before ${moment(facts.expiresAt)}:`,
      facts.url,
      'It works once. If it was not you, ignore this mail: your password stays as it is.',
    ),
  };
}

const quoted = (name: string): string =>
  `“${Array.from(displayText(name)).slice(0, MAX_NAME_CHARS).join('').trim()}”`;

const paragraphs = (...texts: string[]): string => `${texts.join('\n\n')}\n`;

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** To the minute: `25 November 2026 at 09:25 UTC`. */
const moment = (at: Date): string => `${format.format(at)} UTC`;
