import { createIdentity } from '../../gateway/identity/identity-services.js';
import { createPasswords } from '../../gateway/identity/passwords.js';
import { createMemberStore } from '../../gateway/organizations/member-store.js';
import { parseKeyRing } from '../../platform/key-ring.js';
import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import type { Role } from '../../schema/permissions.js';
import { testGatewayUrl, testTokenKeys } from './gateway-fixture.js';

/** A user who is signed in. */
export interface TestUser {
  userId: string;
  email: string;
  accessToken: string;
  refreshToken: string;
}

export interface TestUserOptions {
  email?: string;
  name?: string;
  password?: string;
  isSuperAdmin?: boolean;
  /** Roles by organization. */
  roles?: Readonly<Record<string, Role>>;
}

/** By database: to make one takes longer than to make a user, for its memories. */
const identities = new WeakMap<Database, ReturnType<typeof createIdentity>>();

function identityOn(db: Database): ReturnType<typeof createIdentity> {
  const known =
    identities.get(db) ??
    createIdentity({ db, keyRing: parseKeyRing(testTokenKeys), publicGatewayUrl: testGatewayUrl });
  identities.set(db, known);
  return known;
}

/** Makes a user on a gateway's database and signs them in, past the gateway. */
export async function createUser(db: Database, options: TestUserOptions = {}): Promise<TestUser> {
  const {
    email = `${newId('user')}@test.example`,
    name = 'Test',
    password,
    isSuperAdmin,
    roles = {},
  } = options;
  const identity = identityOn(db);
  const passwordHash = password === undefined ? undefined : await createPasswords().hash(password);
  const { _id: userId } = await identity.users.create({ email, name, passwordHash, isSuperAdmin });
  const members = createMemberStore({ db });
  for (const [organizationId, role] of Object.entries(roles)) await members.add(userId, organizationId, role);
  const { accessToken, refreshToken } = await identity.sessions.open(userId);
  return { userId, email, accessToken, refreshToken };
}
