import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import type { User } from '../../schema/user.js';
import type { AuditLog } from '../admin/audit-log.js';
import type { OperationOrigin } from '../context.js';
import type { Invitations } from '../organizations/invitations.js';
import type { MemberStore } from '../organizations/member-store.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import { displayText } from '../videos/display-text.js';
import { normalizeEmail } from './email.js';
import type { InstallationStore } from './installation-store.js';
import { foundOrganization } from './own-organization.js';
import { checkPassword } from './password-rules.js';
import type { Passwords } from './passwords.js';
import type { Sessions } from './sessions.js';
import type { SignedIn } from './signed-in.js';
import type { Throttle } from './throttle.js';
import type { NewUser, UserStore } from './user-store.js';

export interface SignUpRequest {
  email: string;
  password: string;
  name: string;
  organizationName?: string | null;
  invitation?: string | null;
}

/** Who may make an account after the first user: who was invited, or anybody. */
export type SignUpPolicy = 'invitation' | 'open';

export interface SignUpService {
  /**
   * Makes an account. The first user has the installation, and a new organization; who was invited has the
   * place they were invited to; anybody else, where that is allowed, has a new organization.
   * @throws AppError BAD_USER_INPUT (field), FORBIDDEN, CONFLICT, RATE_LIMITED
   */
  signUp(request: SignUpRequest, origin: OperationOrigin): Promise<SignedIn>;
}

export interface SignUpDeps {
  db: Pick<Database, 'transaction'>;
  users: Pick<UserStore, 'create'>;
  passwords: Pick<Passwords, 'hash'>;
  sessions: Pick<Sessions, 'open'>;
  installation: InstallationStore;
  organizations: Pick<OrganizationStore, 'create'>;
  members: Pick<MemberStore, 'add'>;
  invitations: Pick<Invitations, 'accept'>;
  throttle: Pick<Throttle, 'attempt'>;
  audit: Pick<AuditLog, 'record'>;
  policy: SignUpPolicy;
}

export function createSignUpService(deps: SignUpDeps): SignUpService {
  const { installation, invitations, users } = deps;
  const isOpen = deps.policy === 'open';

  /** Decided and done in one, so that of two at once only one is the first. */
  const create = (newUser: NewUser, request: SignUpRequest): Promise<User> =>
    deps.db.transaction(async (session) => {
      const isFirst = await installation.claim(session);
      const { invitation, organizationName } = request;
      if (!isFirst && invitation == null && !isOpen) throw closed();
      const user = await users.create({ ...newUser, ...(isFirst && { isSuperAdmin: true }) }, session);
      if (!isFirst && invitation != null) await invitations.accept(invitation, user._id, session);
      else await foundOrganization(deps, { ...user, organizationName }, session);
      return user;
    });

  return {
    async signUp(request, origin) {
      const email = normalizeEmail(request.email);
      const name = nameOf(request);
      checkPassword(request.password, { email, name });
      await deps.throttle.attempt({ account: email, address: origin.address });
      const act = { action: 'signUp', details: { email, byInvitation: request.invitation != null } };
      const signUp = async (): Promise<SignedIn> => {
        // Who may not anyhow is told so before the hard work.
        if (request.invitation == null && !isOpen && (await installation.isClaimed())) throw closed();
        const passwordHash = await deps.passwords.hash(request.password);
        const user = await create({ email, name, passwordHash }, request);
        return { user, tokens: await deps.sessions.open(user._id) };
      };
      return deps.audit.record(act, origin, signUp, ({ user }) => ({ userId: user._id }));
    },
  };
}

const closed = (): AppError =>
  new AppError('FORBIDDEN', { message: 'An account is made by invitation: ask who runs this installation.' });

/** @throws AppError BAD_USER_INPUT (name) */
function nameOf({ name }: SignUpRequest): string {
  const shown = displayText(name);
  if (shown === '') throw new AppError('BAD_USER_INPUT', { field: 'name', message: 'A name is required.' });
  return shown;
}
