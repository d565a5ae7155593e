import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { Organization } from '../../schema/organization.js';
import type { AuditLog } from '../admin/audit-log.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import type { GatewayContext } from '../context.js';
import { PageArgs } from '../paging/page.js';
import { requiredText } from '../videos/display-text.js';
import { OrganizationConnection } from './organization-connection.js';
import { CreateOrganizationArgs, UpdateOrganizationArgs } from './organization-inputs.js';
import type { OrganizationStore } from './organization-store.js';

/** Organizations: read, listed, made, renamed. */
@Resolver()
export class OrganizationResolver {
  constructor(
    private readonly deps: {
      organizations: OrganizationStore;
      audit: Pick<AuditLog, 'record'>;
      acts: PlacedActs;
    },
  ) {}

  @Query(() => Organization, { nullable: true, description: "Null when missing or not the caller's." })
  async organization(
    @Arg('id', () => ID) id: string,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Organization | null> {
    return (await this.deps.organizations.find(id, caller)) ?? null;
  }

  @Query(() => OrganizationConnection, {
    description: 'Organizations the caller sees, the newest first. Errors: BAD_USER_INPUT (first, after).',
  })
  organizations(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<OrganizationConnection> {
    return this.deps.organizations.page(page, caller);
  }

  @Mutation(() => Organization, {
    description: 'A new organization, without members yet. Errors: BAD_USER_INPUT (name).',
  })
  createOrganization(
    @Args(() => CreateOrganizationArgs) args: CreateOrganizationArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Organization> {
    const { audit, organizations } = this.deps;
    const name = requiredText('name', args.name);
    return audit.record(
      { action: 'createOrganization', details: { name } },
      context,
      () => organizations.create(name),
      ({ _id: organizationId }) => ({ organizationId }),
    );
  }

  @Mutation(() => Organization, {
    description: 'Renames an organization. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (name).',
  })
  async updateOrganization(
    @Args(() => UpdateOrganizationArgs) { id, ...args }: UpdateOrganizationArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Organization> {
    const { acts, organizations } = this.deps;
    const name = requiredText('name', args.name);
    const found = await organizations.find(id, context.caller);
    const act = {
      ...{ action: 'updateOrganization', target: id, details: { name } },
      ...{ place: found && { organizationId: id }, permission: 'organization:write' as const },
    };
    return acts.record(act, context, async () => {
      const renamed = await organizations.rename(id, name, context.caller);
      if (!renamed) throw new AppError('NOT_FOUND');
      return renamed;
    });
  }
}
