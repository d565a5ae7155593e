import type { User } from '../../schema/user.js';
import type { OutsideProfile } from './oidc-profile.js';

/** What is known here about somebody whom an outside provider has signed in. */
export interface Acquaintance {
  profile: OutsideProfile;
  /** The user whose account with the provider this is. */
  byIdentity?: User;
  /** The user with the address that the provider stands for. */
  byEmail?: User;
  /** Whether strangers may become users. */
  isSignUpOpen: boolean;
}

/** What becomes of them. */
export type Decision =
  | { kind: 'known'; userId: string }
  | { kind: 'linked'; userId: string; dropsPassword: boolean }
  | { kind: 'created'; email: string; name: string }
  | { kind: 'refused'; why: Refusal };

export type Refusal = 'EMAIL_NOT_VERIFIED' | 'ADDRESS_HAS_ANOTHER_OWNER' | 'SIGN_UP_IS_CLOSED';

/**
 * Who somebody is here. The provider's own id decides: an address may be given to somebody else one day,
 * which is also why one that already belongs to another account with the same provider opens nothing.
 *
 * The provider stands for whose address it is; whoever has chosen the password of that address here may only
 * have claimed it, so as to wait for its owner. Their password is good no longer. Nobody has waited like that
 * as a super admin, who is the first user.
 */
export function decideSignIn({ profile, byIdentity, byEmail, isSignUpOpen }: Acquaintance): Decision {
  const { identity, verifiedEmail: email, name } = profile;
  if (byIdentity) return { kind: 'known', userId: byIdentity._id };
  if (email === undefined) return { kind: 'refused', why: 'EMAIL_NOT_VERIFIED' };
  if (byEmail) {
    const isTaken = byEmail.identities?.some(({ issuer }) => issuer === identity.issuer) ?? false;
    if (isTaken) return { kind: 'refused', why: 'ADDRESS_HAS_ANOTHER_OWNER' };
    const dropsPassword = byEmail.passwordHash !== undefined && !byEmail.isSuperAdmin;
    return { kind: 'linked', userId: byEmail._id, dropsPassword };
  }
  return isSignUpOpen ? { kind: 'created', email, name } : { kind: 'refused', why: 'SIGN_UP_IS_CLOSED' };
}
