import type { ClientSession } from 'mongoose';
import { Role } from '../../schema/permissions.js';
import type { User } from '../../schema/user.js';
import type { MemberStore } from '../organizations/member-store.js';
import type { OrganizationStore } from '../organizations/organization-store.js';
import { displayText } from '../videos/display-text.js';

/** Gives a new user an organization of their own, as part of the transaction that makes them. */
export async function foundOrganization(
  deps: { organizations: Pick<OrganizationStore, 'create'>; members: Pick<MemberStore, 'add'> },
  owner: Pick<User, '_id' | 'name'> & { organizationName?: string | null },
  session: ClientSession,
): Promise<void> {
  const name = displayText(owner.organizationName ?? '') || displayText(`${owner.name}’s organization`);
  const { _id } = await deps.organizations.create(name, session);
  await deps.members.add(owner._id, _id, Role.OWNER, session);
}
