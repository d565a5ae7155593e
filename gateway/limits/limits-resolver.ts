import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Organization, OrganizationLimits } from '../../schema/organization.js';
import type { AuditLog } from '../admin/audit-log.js';
import { requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import { OrganizationLimitsInput, OrganizationUsage } from './limits-types.js';
import type { OrganizationLimitsStore } from '../../platform/quota/organization-limits-store.js';
import type { UsageStore } from '../../platform/quota/usage-store.js';

/** What organizations may use, and what they do. */
@Resolver(() => Organization)
export class LimitsResolver {
  constructor(
    private readonly deps: {
      limits: Pick<OrganizationLimitsStore, 'set'>;
      usage: UsageStore;
      audit: Pick<AuditLog, 'record'>;
    },
  ) {}

  @FieldResolver(() => OrganizationUsage, { description: 'Errors: FORBIDDEN.' })
  usage(
    @Root() { _id: organizationId }: Organization,
    @Ctx() { caller }: GatewayContext,
  ): Promise<OrganizationUsage> {
    requirePermission(caller, 'organization:read', { organizationId });
    return this.deps.usage.read(organizationId);
  }

  @FieldResolver(() => OrganizationLimits, { description: 'See setOrganizationLimits. Errors: FORBIDDEN.' })
  limits(
    @Root() { _id: organizationId, limits }: Organization,
    @Ctx() { caller }: GatewayContext,
  ): OrganizationLimits {
    requirePermission(caller, 'organization:read', { organizationId });
    return limits ?? {};
  }

  @Mutation(() => Organization, {
    description:
      'Sets what an organization may use. Subscriptions and requests go by it within seconds, uploads at ' +
      'once; what is under way goes on. Errors: NOT_FOUND, BAD_USER_INPUT (the name of the limit).',
  })
  async setOrganizationLimits(
    @Arg('id', () => ID) id: string,
    @Arg('input', () => OrganizationLimitsInput) input: OrganizationLimitsInput,
    @Ctx() context: GatewayContext,
  ): Promise<Organization> {
    const limits = { ...input };
    const act = { action: 'setOrganizationLimits', target: id, details: { limits } };
    return this.deps.audit.record(act, context, async () => {
      const organization = await this.deps.limits.set(id, limits);
      if (!organization) throw new AppError('NOT_FOUND');
      return organization;
    });
  }
}
