import { Arg, Args, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Invitation } from '../../schema/invitation.js';
import { Membership } from '../../schema/membership.js';
import type { AuditLog } from '../admin/audit-log.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import type { GatewayContext } from '../context.js';
import { AcceptInvitationArgs, InviteMemberArgs, SentInvitationType } from './invitation-inputs.js';
import type { InvitationStore } from './invitation-store.js';
import type { Invitations } from './invitations.js';
import type { OrganizationStore } from './organization-store.js';

/** Invitations: made, taken back, accepted. */
@Resolver()
export class InvitationResolver {
  constructor(
    private readonly deps: {
      organizations: Pick<OrganizationStore, 'find'>;
      store: Pick<InvitationStore, 'find'>;
      invitations: Invitations;
      audit: Pick<AuditLog, 'record'>;
      acts: PlacedActs;
    },
  ) {}

  @Mutation(() => SentInvitationType, {
    description:
      'Invites an address for 7 days, in place of an earlier invitation of it. Nobody invites to more than ' +
      'they are. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (email), CONFLICT where the address is a ' +
      "member's, UNAVAILABLE where the mail could not be sent: ask again.",
  })
  async inviteMember(
    @Args(() => InviteMemberArgs) { organizationId, email, role }: InviteMemberArgs,
    @Ctx() context: GatewayContext,
  ): Promise<SentInvitationType> {
    const { acts, invitations, organizations } = this.deps;
    const { caller } = context;
    const organization = await organizations.find(organizationId, caller);
    const act = {
      ...{ action: 'inviteMember', target: organizationId, details: { email, role } },
      ...{ place: organization && { organizationId, organization }, permission: 'member:write' as const },
    };
    return acts.record(
      act,
      context,
      (place) => invitations.invite({ organization: place.organization, email, role, caller }),
      ({ invitation }) => ({ invitationId: invitation._id }),
    );
  }

  @Mutation(() => Invitation, {
    description: 'Takes an invitation back. Errors: NOT_FOUND, FORBIDDEN, CONFLICT where it is over already.',
  })
  async revokeInvitation(
    @Arg('id', () => ID) id: string,
    @Ctx() context: GatewayContext,
  ): Promise<Invitation> {
    const { acts, invitations, store } = this.deps;
    const found = await store.find(id, context.caller);
    const act = {
      ...{ action: 'revokeInvitation', target: id, details: found && { email: found.email } },
      ...{ place: found, permission: 'member:write' as const },
    };
    return acts.record(act, context, (invitation) => invitations.revoke(invitation, context.caller));
  }

  @Mutation(() => Membership, {
    description:
      'Makes the user who is signed in a member. Errors: FORBIDDEN for an API key, BAD_USER_INPUT (token) where ' +
      'the invitation is over or for another address, CONFLICT where the user is a member already.',
  })
  async acceptInvitation(
    @Args(() => AcceptInvitationArgs) { token }: AcceptInvitationArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Membership> {
    const { audit, invitations } = this.deps;
    const { caller } = context;
    if (caller.kind !== 'USER') throw new AppError('FORBIDDEN');
    const invitation = await invitations.open(token);
    const act = {
      action: 'acceptInvitation',
      target: invitation?._id,
      organizationId: invitation?.organizationId,
    };
    return audit.record(act, context, () => invitations.accept(token, caller.id));
  }
}
