import { AppError } from '../../schema/errors.js';
import type { Permission } from '../../schema/permissions.js';
import { type Place, requirePermission, requirePolicy } from '../auth/caller.js';
import type { OperationOrigin } from '../context.js';
import type { AuditedAct, AuditLog } from './audit-log.js';

/** Where something stands; without an organization, in the installation itself. */
export type ActPlace = Partial<Place>;

/** A privileged act on something that stands in an organization. */
export interface PlacedAct<P extends ActPlace> extends Omit<AuditedAct, 'organizationId'> {
  /** Where it stands, or the thing itself where it says so; undefined where the caller sees no such thing. */
  place: P | undefined;
  /** What it takes there; undefined where that depends on more than permissions. */
  permission?: Permission;
}

/** Privileged acts within organizations: permitted, done, and entered where their owners may read of it. */
export interface PlacedActs {
  /**
   * As `AuditLog.record`; `work` gets the place once it is sure that the caller sees it and may do this there.
   * @throws AppError NOT_FOUND, FORBIDDEN (scope)
   */
  record<T, P extends ActPlace>(
    act: PlacedAct<P>,
    origin: OperationOrigin,
    work: (place: P) => Promise<T>,
    told?: (result: T) => Record<string, unknown>,
  ): Promise<T>;
}

export function createPlacedActs(deps: { audit: Pick<AuditLog, 'record'> }): PlacedActs {
  return {
    record({ place, permission, ...act }, origin, work, told) {
      const permitted = async () => {
        if (!place) throw new AppError('NOT_FOUND');
        if (permission) requirePermissionAt(origin, permission, place);
        return work(place);
      };
      return deps.audit.record({ ...act, organizationId: place?.organizationId }, origin, permitted, told);
    },
  };
}

function requirePermissionAt(
  { caller }: OperationOrigin,
  permission: Permission,
  { organizationId, projectId }: ActPlace,
): void {
  if (organizationId === undefined) requirePolicy(caller, 'admin');
  else requirePermission(caller, permission, { organizationId, projectId });
}
