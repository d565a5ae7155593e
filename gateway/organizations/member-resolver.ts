import { Args, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Membership } from '../../schema/membership.js';
import { Organization } from '../../schema/organization.js';
import { User } from '../../schema/user.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import type { GatewayContext } from '../context.js';
import { isSelf, type MemberChanges } from './member-changes.js';
import { MemberArgs, SetMemberRoleArgs } from './member-inputs.js';
import type { OrganizationStore } from './organization-store.js';

/** Members of organizations: what they are told as, and changes of them. */
@Resolver(() => Membership)
export class MemberResolver {
  constructor(
    private readonly deps: {
      organizations: Pick<OrganizationStore, 'find'>;
      changes: MemberChanges;
      acts: PlacedActs;
    },
  ) {}

  @FieldResolver(() => User)
  async user(@Root() { userId }: Membership, @Ctx() { userById }: GatewayContext): Promise<User> {
    const user = await userById.load(userId);
    if (!user) throw new AppError('NOT_FOUND');
    return user;
  }

  @FieldResolver(() => Organization)
  async organization(
    @Root() { organizationId }: Membership,
    @Ctx() { organizationById }: GatewayContext,
  ): Promise<Organization> {
    const organization = await organizationById.load(organizationId);
    if (!organization) throw new AppError('NOT_FOUND');
    return organization;
  }

  @Mutation(() => Membership, {
    description:
      'Gives a member another part. Nobody gives or takes what is above their own. Errors: NOT_FOUND, ' +
      'FORBIDDEN, CONFLICT where no owner would be left.',
  })
  async setMemberRole(
    @Args(() => SetMemberRoleArgs) { organizationId, userId, role }: SetMemberRoleArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Membership> {
    const { acts, changes, organizations } = this.deps;
    const { caller } = context;
    const found = await organizations.find(organizationId, caller);
    const act = {
      ...{ action: 'setMemberRole', target: userId, details: { role } },
      ...{ place: found && { organizationId }, permission: 'member:write' as const },
    };
    return acts.record(act, context, () => changes.setRole({ organizationId, userId, caller }, role));
  }

  @Mutation(() => ID, {
    description:
      "Ends a user's part in an organization, and returns the user's id. Everybody may leave. Errors: " +
      'NOT_FOUND, FORBIDDEN, CONFLICT where no owner would be left.',
  })
  async removeMember(
    @Args(() => MemberArgs) { organizationId, userId }: MemberArgs,
    @Ctx() context: GatewayContext,
  ): Promise<string> {
    const { acts, changes, organizations } = this.deps;
    const member = { organizationId, userId, caller: context.caller };
    const found = await organizations.find(organizationId, context.caller);
    const act = {
      ...{ action: 'removeMember', target: userId, place: found && { organizationId } },
      permission: isSelf(member) ? undefined : ('member:write' as const),
    };
    await acts.record(act, context, () => changes.remove(member));
    return userId;
  }
}
