import type { OutsideIdentity } from '../../schema/user.js';
import { displayText } from '../videos/display-text.js';

/** A person, as the provider that has signed them in tells of them. */
export interface OutsideProfile {
  identity: OutsideIdentity;
  /** Only where the provider has made sure that it is theirs. */
  verifiedEmail?: string;
  /** One line, fit to be shown. */
  name: string;
}

/** Claims of OpenID Connect Core section 5.1. */
export type Claims = Readonly<Record<string, unknown>>;

const UNNAMED = 'Unnamed';

/** What the claims of a checked ID token, and those of the UserInfo endpoint, say about a person. */
export function profileOf(identity: OutsideIdentity, claims: Claims): OutsideProfile {
  const { email, email_verified: verified } = claims;
  // Some providers write the boolean as text.
  const isVerified = verified === true || verified === 'true';
  return {
    identity,
    ...(isVerified && typeof email === 'string' && { verifiedEmail: email }),
    name: nameIn(claims),
  };
}

/** Whether the claims leave open whose address it is: the rest may be at the UserInfo endpoint. */
export const lacksEmail = ({ email, email_verified: verified }: Claims): boolean =>
  email === undefined || verified === undefined;

function nameIn({ name, given_name: first, family_name: last, preferred_username: handle, email }: Claims) {
  const ofParts = [first, last].filter((part) => typeof part === 'string').join(' ');
  const ofEmail = typeof email === 'string' ? email.replace(/@.*$/s, '') : '';
  for (const candidate of [name, ofParts, handle, ofEmail]) {
    const shown = typeof candidate === 'string' ? displayText(candidate) : '';
    if (shown !== '') return shown;
  }
  return UNNAMED;
}
