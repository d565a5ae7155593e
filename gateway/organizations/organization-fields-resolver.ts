import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Invitation } from '../../schema/invitation.js';
import { Membership } from '../../schema/membership.js';
import { Organization } from '../../schema/organization.js';
import { requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { InvitationStore } from './invitation-store.js';
import type { MemberStore } from './member-store.js';

/** Fields of an organization that are not stored with it. */
@Resolver(() => Organization)
export class OrganizationFieldsResolver {
  constructor(
    private readonly deps: {
      members: Pick<MemberStore, 'ofOrganization'>;
      invitations: Pick<InvitationStore, 'pending'>;
    },
  ) {}

  @FieldResolver(() => [Membership], {
    description: 'The first 1,000, in the order in which they joined. Errors: FORBIDDEN.',
  })
  members(
    @Root() { _id: organizationId }: Organization,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Membership[]> {
    requirePermission(caller, 'organization:read', { organizationId });
    return this.deps.members.ofOrganization(organizationId);
  }

  @FieldResolver(() => [Invitation], {
    description: 'Those that can still be accepted, the newest first, at most 1,000. Errors: FORBIDDEN.',
  })
  invitations(
    @Root() { _id: organizationId }: Organization,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Invitation[]> {
    requirePermission(caller, 'member:write', { organizationId });
    return this.deps.invitations.pending({ organizationId });
  }
}
