import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import type { OutsideIdentity, User } from '../../schema/user.js';
import type { AuditLog } from '../admin/audit-log.js';
import type { OperationOrigin } from '../context.js';
import type { MemberStore } from '../organizations/member-store.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import { normalizeEmail } from './email.js';
import type { IdentityStore } from './identity-store.js';
import { type Acquaintance, type Decision, decideSignIn, type Refusal } from './oidc-decision.js';
import type { OutsideProfile } from './oidc-profile.js';
import { foundOrganization } from './own-organization.js';
import type { Sessions } from './sessions.js';

/** Makes users of people whom an outside provider has signed in. */
export interface OidcSignIn {
  /**
   * Id of the user that they are, known before or not.
   * @throws AppError FORBIDDEN where they may not be one, CONFLICT where somebody has become one just now
   */
  userOf(profile: OutsideProfile, origin: OperationOrigin): Promise<string>;
}

export interface OidcSignInDeps {
  db: Database;
  audit: Pick<AuditLog, 'record'>;
  identities: IdentityStore;
  users: {
    findByEmail(email: string): Promise<User | undefined>;
    create(
      user: { email: string; name: string; identities: OutsideIdentity[] },
      session?: ClientSession,
    ): Promise<Pick<User, '_id'>>;
  };
  organizations: Pick<OrganizationStore, 'create'>;
  members: Pick<MemberStore, 'add'>;
  sessions: Pick<Sessions, 'revokeAll'>;
  /** Whether strangers may become users. */
  isSignUpOpen: boolean;
}

export function createOidcSignIn(deps: OidcSignInDeps): OidcSignIn {
  const { identities, users, sessions } = deps;

  async function acquaintance(profile: OutsideProfile): Promise<Acquaintance> {
    const { isSignUpOpen } = deps;
    const byIdentity = await identities.findUser(profile.identity);
    if (byIdentity || profile.verifiedEmail === undefined) return { profile, byIdentity, isSignUpOpen };
    const verifiedEmail = normalizeEmail(profile.verifiedEmail);
    const byEmail = await users.findByEmail(verifiedEmail);
    return { profile: { ...profile, verifiedEmail }, byEmail, isSignUpOpen };
  }

  async function carryOut(decision: Decision, identity: OutsideIdentity): Promise<string> {
    switch (decision.kind) {
      case 'known':
        return decision.userId;
      case 'linked':
        await identities.link(decision.userId, identity, decision);
        if (decision.dropsPassword) await sessions.revokeAll(decision.userId);
        return decision.userId;
      case 'created':
        return createWithOrganization(deps, { ...decision, identity });
      case 'refused':
        throw new AppError('FORBIDDEN', { message: refusals[decision.why] });
    }
  }

  return {
    async userOf(profile, origin) {
      const { identity } = profile;
      const decision = decideSignIn(await acquaintance(profile));
      const { kind: outcome } = decision;
      const why = outcome === 'refused' ? decision.why : undefined;
      const target = outcome === 'known' || outcome === 'linked' ? decision.userId : undefined;
      const act = { action: 'signInWithOidc', target, details: { ...identity, outcome, why } };
      const work = () => carryOut(decision, identity);
      return deps.audit.record(act, origin, work, (userId) => ({ userId }));
    },
  };
}

const refusals: Readonly<Record<Refusal, string>> = {
  EMAIL_NOT_VERIFIED: 'The provider does not stand for an address of this account.',
  ADDRESS_HAS_ANOTHER_OWNER: 'The address belongs to another account with this provider.',
  SIGN_UP_IS_CLOSED: 'Becoming a user takes an invitation.',
};

/** A user with an organization of their own, or neither. */
function createWithOrganization(
  deps: OidcSignInDeps,
  { email, name, identity }: { email: string; name: string; identity: OutsideIdentity },
): Promise<string> {
  return deps.db.transaction(async (session) => {
    const { _id } = await deps.users.create({ email, name, identities: [identity] }, session);
    await foundOrganization(deps, { _id, name }, session);
    return _id;
  });
}
