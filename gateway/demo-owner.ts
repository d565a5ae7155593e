import { randomBytes } from 'node:crypto';
import type { Database } from '../platform/mongo.js';
import { Role } from '../schema/permissions.js';
import { createInstallationStore } from './identity/installation-store.js';
import { createPasswords } from './identity/passwords.js';
import { createUserStore } from './identity/user-store.js';
import { createMemberStore } from './organizations/member-store.js';

/** How to sign in to the demo. */
export interface DemoOwner {
  email: string;
  password: string;
}

const email = 'owner@demo.local';
const PASSWORD_BYTES = 15;

/**
 * Makes the owner of the demo organization; undefined where there is one, whose password nobody can read. On
 * an installation without users they are the first, so that nobody else can come and take that place.
 */
export async function createDemoOwner(db: Database, organizationId: string): Promise<DemoOwner | undefined> {
  const users = createUserStore({ db });
  if (await users.findByEmail(email)) return undefined;
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const passwordHash = await createPasswords().hash(password);
  await db.transaction(async (session) => {
    const isFirst = await createInstallationStore({ db }).claim(session);
    const owner = { email, name: 'Demo owner', passwordHash, ...(isFirst && { isSuperAdmin: true }) };
    const { _id } = await users.create(owner, session);
    await createMemberStore({ db }).add(_id, organizationId, Role.OWNER, session);
  });
  return { email, password };
}
