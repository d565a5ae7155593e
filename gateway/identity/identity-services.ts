import type { KeyRing } from '../../platform/key-ring.js';
import type { Database } from '../../platform/mongo.js';
import type { AuditLog } from '../admin/audit-log.js';
import type { Invitations } from '../organizations/invitations.js';
import type { MemberStore } from '../organizations/member-store.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import { createAccessTokens } from './access-tokens.js';
import { createCallerStore } from './caller-store.js';
import { IdentityResolver } from './identity-resolver.js';
import { createInstallationStore } from './installation-store.js';
import type { Mailer } from './mailer.js';
import { createOneTimeTokens } from './one-time-tokens.js';
import { createPasswordService } from './password-service.js';
import { createPasswords } from './passwords.js';
import { createSessionStore } from './session-store.js';
import { createSessions } from './sessions.js';
import { createSignInService } from './sign-in-service.js';
import { createSignUpService, type SignUpPolicy } from './sign-up-service.js';
import { createSignedTokens } from './signed-tokens.js';
import { createSigningKeyStore } from './signing-key-store.js';
import { createSigningKeys } from './signing-keys.js';
import { createThrottle, mongoLimiters } from './throttle.js';
import { createUserCallers } from './user-callers.js';
import { createUserStore } from './user-store.js';

const HOUR_SECONDS = 3_600;
/** Wrong passwords: of 10 guesses a quarter of an hour, one is right in no lifetime. */
const guessLimits = { perAccount: 10, perAddress: 50, windowSeconds: 900 };
/** Mails that somebody else may have to read. */
const mailLimits = { perAccount: 3, perAddress: 20, windowSeconds: HOUR_SECONDS };
const signUpLimits = { perAccount: 5, perAddress: 20, windowSeconds: HOUR_SECONDS };

export type Identity = ReturnType<typeof createIdentity>;

/** Users, their sessions and what is signed for them. */
export function createIdentity(deps: { db: Database; keyRing: KeyRing; publicGatewayUrl: string }) {
  const { db } = deps;
  const keys = createSigningKeys({ store: createSigningKeyStore({ db }), ring: deps.keyRing });
  const tokens = createSignedTokens({ keys, issuer: deps.publicGatewayUrl });
  const accessTokens = createAccessTokens({ tokens });
  return {
    keys,
    users: createUserStore({ db }),
    sessions: createSessions({ store: createSessionStore({ db }), tokens: accessTokens }),
    links: createOneTimeTokens({ tokens }),
    callers: createUserCallers({ tokens: accessTokens, store: createCallerStore({ db }) }),
  };
}

/** Everything behind the operations on accounts, wired. */
export function createIdentityResolver(deps: {
  db: Database;
  identity: Identity;
  organizations: Pick<OrganizationStore, 'create'>;
  members: Pick<MemberStore, 'add'>;
  invitations: Pick<Invitations, 'accept'>;
  mailer: Mailer;
  audit: Pick<AuditLog, 'record'>;
  signUp: SignUpPolicy;
  publicAppUrl: string;
}): IdentityResolver {
  const { db, identity } = deps;
  const limiter = mongoLimiters({ db });
  const passwords = createPasswords();
  const shared = { ...deps, ...identity, passwords };
  const guesses = createThrottle({ limiter, name: 'guess', ...guessLimits });
  return new IdentityResolver({
    signUps: createSignUpService({
      ...shared,
      installation: createInstallationStore({ db }),
      throttle: createThrottle({ limiter, name: 'sign-up', ...signUpLimits }),
      policy: deps.signUp,
    }),
    signIns: createSignInService({ ...shared, throttle: guesses }),
    passwords: createPasswordService({
      ...shared,
      guesses,
      requests: createThrottle({ limiter, name: 'reset', ...mailLimits }),
    }),
  });
}
