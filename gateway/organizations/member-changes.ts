import { AppError } from '../../schema/errors.js';
import type { Membership } from '../../schema/membership.js';
import type { Role } from '../../schema/permissions.js';
import type { Caller } from '../auth/caller.js';
import type { InvitationStore } from './invitation-store.js';
import type { Authority, MemberAuthority } from './member-authority.js';
import { isLess, leavesNoOwner, requireChange } from './member-rules.js';
import type { MemberStore } from './member-store.js';

/** Which member of which organization, and who changes them. */
export interface MemberRef {
  organizationId: string;
  userId: string;
  caller: Caller;
}

/** Changes of members, under the rules of who may give and take what. */
export interface MemberChanges {
  /** @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT where the organization would have no owner */
  setRole(member: MemberRef, role: Role): Promise<Membership>;
  /** @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT where the organization would have no owner */
  remove(member: MemberRef): Promise<void>;
}

/** Whether a caller is this user. */
export const isSelf = ({ caller, userId }: Pick<MemberRef, 'caller' | 'userId'>): boolean =>
  caller.kind === 'USER' && caller.id === userId;

export function createMemberChanges(deps: {
  members: MemberStore;
  authority: MemberAuthority;
  invitations: Pick<InvitationStore, 'withdrawOf'>;
}): MemberChanges {
  const { members, authority, invitations } = deps;

  /** The member as they are, once it is sure that they may become what they shall; absent `to` is to leave. */
  async function permitted(ref: MemberRef, { actor, session }: Authority, to?: Role): Promise<Membership> {
    const { organizationId, userId } = ref;
    const member = await members.find(userId, organizationId, session);
    if (!member) throw new AppError('NOT_FOUND');
    const change = { from: member.role, to, isOwn: isSelf(ref) };
    requireChange(actor, change);
    if (leavesNoOwner(change, await members.countOwners(organizationId, session))) {
      throw new AppError('CONFLICT', { message: 'An organization has at least one owner.' });
    }
    // Else who is about to go could have asked themselves back in.
    if (isLess(change)) await invitations.withdrawOf({ organizationId, invitedBy: userId }, session);
    return member;
  }

  return {
    setRole: (ref, role) =>
      authority.change(ref, async (as) => {
        const member = await permitted(ref, as, role);
        await members.setRole(member._id, role, as.session);
        return { ...member, role };
      }),

    remove: (ref) =>
      authority.change(ref, async (as) => {
        const member = await permitted(ref, as);
        await members.remove(member._id, as.session);
      }),
  };
}
