import { Membership } from '../../schema/membership.js';
import type { Role } from '../../schema/permissions.js';
import { ask, type GraphqlAnswer } from './gateway-client.js';
import type { PeopleFixture, Person } from './gateway-people.js';

type Variables = Record<string, unknown>;

/** What somebody is answered: the data, or the code of the first error. */
export async function told(
  { url }: PeopleFixture,
  { key }: Pick<Person, 'key'>,
  query: string,
  variables?: Variables,
) {
  const { data, errors }: GraphqlAnswer<Record<string, unknown>> = await ask({ url, key }, query, variables);
  return errors?.[0] ? errors[0].extensions.code : data;
}

export const setRole =
  'mutation ($o: ID!, $u: ID!, $role: Role!) { setMemberRole(organizationId: $o, userId: $u, role: $role) { role } }';
export const remove = 'mutation ($o: ID!, $u: ID!) { removeMember(organizationId: $o, userId: $u) }';
export const invite = `mutation ($o: ID!, $email: String!, $role: Role!) {
  inviteMember(organizationId: $o, email: $email, role: $role) { invitation { id email role } link } }`;
export const accept =
  'mutation ($token: String!) { acceptInvitation(token: $token) { role organization { id } user { id } } }';

export const rolesIn = async (
  { db }: PeopleFixture,
  organizationId: string,
): Promise<Record<string, Role>> => {
  const members = await db.model(Membership).find({ organizationId }).lean();
  return Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
};

interface Sent {
  inviteMember: { invitation: { id: string; email: string; role: Role }; link: string | null };
}

/** Invites an address and returns the token that the inviter is to hand over. */
export async function tokenFor(fixture: PeopleFixture, by: Person, to: { email: string; role: Role }) {
  const { organizationId: o } = fixture.tenant;
  const { data, errors } = await ask<Sent>({ url: fixture.url, key: by.key }, invite, { o, ...to });
  if (!data) throw new Error(JSON.stringify(errors));
  const { hash } = new URL(data.inviteMember.link ?? '');
  return { token: hash.slice(1), ...data.inviteMember };
}
