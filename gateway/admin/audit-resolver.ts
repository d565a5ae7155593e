import { Args, Query, Resolver } from 'type-graphql';
import type { AuditLog } from './audit-log.js';
import { AuditArgs, AuditConnection } from './audit-types.js';

/** Who did what: for administrators. */
@Resolver()
export class AuditResolver {
  constructor(private readonly deps: { audit: Pick<AuditLog, 'page'> }) {}

  @Query(() => AuditConnection, {
    description:
      'Privileged acts and stops, the newest first. Errors: BAD_USER_INPUT (first, after, filter).',
  })
  auditLog(@Args(() => AuditArgs) args: AuditArgs): Promise<AuditConnection> {
    return this.deps.audit.page(args);
  }
}
