import type { ClientSession } from 'mongoose';
import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import { newId } from '../../schema/ids.js';
import type { Invitation } from '../../schema/invitation.js';
import type { Membership } from '../../schema/membership.js';
import type { Organization } from '../../schema/organization.js';
import type { Role } from '../../schema/permissions.js';
import { User } from '../../schema/user.js';
import type { Caller } from '../auth/caller.js';
import { appLink } from '../identity/app-link.js';
import { normalizeEmail } from '../identity/email.js';
import { invitationMail } from '../identity/mail-texts.js';
import type { Mailer } from '../identity/mailer.js';
import type { OneTimeTokens } from '../identity/one-time-tokens.js';
import type { InvitationStore } from './invitation-store.js';
import type { MemberAuthority } from './member-authority.js';
import { requireChange } from './member-rules.js';
import type { MemberStore } from './member-store.js';

/** An invitation on its way; the link only where no mail could bring it. */
export interface SentInvitation {
  invitation: Invitation;
  link: string | null;
}

/** Offers to become a member, each of which is good once, for one address. */
export interface Invitations {
  /**
   * Takes the place of an earlier offer to the same address.
   * @throws AppError BAD_USER_INPUT (email), FORBIDDEN, CONFLICT where the address is a member's, UNAVAILABLE
   * where it could not be mailed: the same may be asked again then
   */
  invite(request: {
    organization: Organization;
    email: string;
    role: Role;
    caller: Caller;
  }): Promise<SentInvitation>;
  /** @throws AppError FORBIDDEN, CONFLICT where it is over */
  revoke(invitation: Invitation, caller: Caller): Promise<Invitation>;
  /** What a token of ours invites to, whether it is over or not. */
  open(token: string): Promise<Invitation | undefined>;
  /**
   * Makes a user what the token says, within the transaction of `session` where there is one.
   * @throws AppError BAD_USER_INPUT (token) where it is none, over, or for another address; CONFLICT where the
   * user is a member already
   */
  accept(token: string, userId: string, session?: ClientSession): Promise<Membership>;
}

const LIFETIME_SECONDS = 7 * 86_400;

export function createInvitations(deps: {
  db: Database;
  store: InvitationStore;
  members: Pick<MemberStore, 'add' | 'find'>;
  authority: MemberAuthority;
  tokens: OneTimeTokens;
  mailer: Mailer;
  publicAppUrl: string;
}): Invitations {
  const { db, store, members, authority, tokens, mailer } = deps;
  const users = db.model(User);

  const userBy = (condition: { _id: string } | { email: string }, session?: ClientSession) =>
    users.findOne(condition, { email: 1, name: 1 }, { session }).lean<Pick<User, '_id' | 'email' | 'name'>>();

  /** Of `SentInvitation`, everything but the way. */
  function offer(
    { organization, role, caller }: { organization: Organization; role: Role; caller: Caller },
    email: string,
  ): Promise<Invitation> {
    const { _id: organizationId } = organization;
    return authority.change({ caller, organizationId }, async ({ actor, session }) => {
      const [earlier] = await store.pending({ organizationId, email }, session);
      requireChange(actor, { from: earlier?.role, to: role });
      const user = await userBy({ email }, session);
      if (user && (await members.find(user._id, organizationId, session))) {
        throw new AppError('CONFLICT', { message: 'The user is a member already.' });
      }
      await store.withdrawOf({ organizationId, email }, session);
      const expiresAt = new Date(Date.now() + LIFETIME_SECONDS * 1_000);
      const invitedBy = caller.id;
      const _id = newId('invite');
      return store.create({ _id, organizationId, email, role, invitedBy, expiresAt }, session);
    });
  }

  async function send(invitation: Invitation, organization: Organization): Promise<string | null> {
    const { _id, email: to, role, invitedBy, expiresAt } = invitation;
    const token = await tokens.sign('invitation', { invitationId: _id }, LIFETIME_SECONDS);
    const url = appLink(deps.publicAppUrl, 'invitation', token);
    if (!mailer.isConfigured) return url;
    const inviter = (await userBy({ _id: invitedBy }))?.name;
    await mailer.send(invitationMail({ to, organization: organization.name, role, inviter, url, expiresAt }));
    return null;
  }

  async function idIn(token: string): Promise<string | undefined> {
    return (await tokens.open('invitation', token))?.['invitationId'];
  }

  return {
    async invite({ email, ...request }) {
      const invitation = await offer(request, normalizeEmail(email));
      return { invitation, link: await send(invitation, request.organization) };
    },

    revoke: ({ _id, organizationId, role }, caller) =>
      authority.change({ caller, organizationId }, async ({ actor, session }) => {
        requireChange(actor, { from: role });
        const revoked = await store.revoke(_id, session);
        if (!revoked) throw new AppError('CONFLICT', { message: 'The invitation is over already.' });
        return revoked;
      }),

    async open(token) {
      const id = await idIn(token);
      return id === undefined ? undefined : store.read(id);
    },

    async accept(token, userId, session) {
      const id = await idIn(token);
      const join = async (within: ClientSession): Promise<Membership> => {
        const user = await userBy({ _id: userId }, within);
        const accepted = id !== undefined && user && (await store.accept(id, user.email, within));
        if (!accepted) throw notValid();
        return members.add(userId, accepted.organizationId, accepted.role, within);
      };
      return session ? join(session) : db.transaction(join);
    },
  };
}

/** One answer to all, so that nobody learns what is behind a token that is not theirs. */
const notValid = (): AppError =>
  new AppError('BAD_USER_INPUT', {
    field: 'token',
    message: 'The invitation is not valid, not valid any more, or for another address.',
  });
