import { AppError } from '../../schema/errors.js';
import { Role, rolePermissions } from '../../schema/permissions.js';

/** Who changes a membership: by their role in that organization; undefined for who has none there. */
export type Actor = Role | 'SUPER_ADMIN' | undefined;

/** What becomes of one member: without `from` somebody joins, without `to` they leave. */
export interface MemberChange {
  from?: Role;
  to?: Role;
  /** Whether the member does it to themselves. */
  isOwn?: boolean;
}

const rank: Readonly<Record<Role, number>> = { OWNER: 3, ADMIN: 2, MEMBER: 1, VIEWER: 0 };

/**
 * Whether this may be done to a member. Nobody gives or takes what is above themselves, so that an
 * administrator of an organization neither makes nor touches its owners. Everybody may leave.
 */
export function mayChange(actor: Actor, { from, to, isOwn = false }: MemberChange): boolean {
  if (actor === 'SUPER_ADMIN') return true;
  if (actor === undefined) return false;
  if (isOwn && to === undefined) return true;
  if (!rolePermissions[actor].includes('member:write')) return false;
  return [from, to].every((role) => role === undefined || rank[role] <= rank[actor]);
}

/** Whether an organization that has so many owners would have none afterwards. */
export const leavesNoOwner = ({ from, to }: MemberChange, owners: number): boolean =>
  from === Role.OWNER && to !== Role.OWNER && owners <= 1;

/** Whether the member may do less afterwards. */
export const isLess = ({ from, to }: MemberChange): boolean =>
  from !== undefined && (to === undefined || rank[to] < rank[from]);

/** @throws AppError FORBIDDEN (scope) where this may not be done */
export function requireChange(actor: Actor, change: MemberChange): void {
  if (!mayChange(actor, change)) throw new AppError('FORBIDDEN', { scope: 'member:write' });
}
