import { Args, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import { isAdmin, requirePermission } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import type { AuditLog } from './audit-log.js';
import { AuditArgs, AuditConnection } from './audit-types.js';

/** Who did what: for administrators, and for owners what concerns their organization. */
@Resolver()
export class AuditResolver {
  constructor(
    private readonly deps: {
      audit: Pick<AuditLog, 'page'>;
      organizations: Pick<OrganizationStore, 'find'>;
    },
  ) {}

  @Query(() => AuditConnection, {
    description:
      'Privileged acts and stops, the newest first: all for an administrator, for an owner those of one ' +
      'organization. Errors: NOT_FOUND, FORBIDDEN (also for an owner who names no organization), ' +
      'BAD_USER_INPUT (first, after, filter).',
  })
  async auditLog(
    @Args(() => AuditArgs) args: AuditArgs,
    @Ctx() { caller }: GatewayContext,
  ): Promise<AuditConnection> {
    const { audit, organizations } = this.deps;
    const { organizationId } = args;
    if (organizationId == null) {
      if (!isAdmin(caller)) throw new AppError('FORBIDDEN', { scope: 'admin' });
      return audit.page(args);
    }
    if (!(await organizations.find(organizationId, caller))) throw new AppError('NOT_FOUND');
    requirePermission(caller, 'audit:read', { organizationId });
    return audit.page(args);
  }
}
