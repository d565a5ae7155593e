import { createIdentity } from '../../gateway/identity/identity-services.js';
import { parseKeyRing } from '../../platform/key-ring.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import type { CaptionSet } from '../../schema/captions.js';
import { newId } from '../../schema/ids.js';
import { Invitation } from '../../schema/invitation.js';
import { projectScopes, type Role } from '../../schema/permissions.js';
import { Project } from '../../schema/project.js';
import { Video } from '../../schema/video.js';
import { storeLetter, storeWorker } from './gateway-admin-data.js';
import {
  createKey,
  type GatewayFixture,
  type Tenant,
  testGatewayUrl,
  testTokenKeys,
} from './gateway-fixture.js';
import type { MatrixRole } from './gateway-matrix-row.js';
import { createUser } from './gateway-users.js';
import { storeVideo } from './gateway-videos.js';

/** Somebody of a role. */
export interface MatrixCaller {
  role: MatrixRole;
  id: string;
  /** Their credential. */
  key?: string;
  /** Of a user. */
  email?: string;
}

/** A project of an organization. */
export type MatrixPlace = Omit<Tenant, 'key'>;

/** Of all accounts; the documents name it. */
const password = 'correct horse battery';

const memberRoles: Partial<Record<MatrixRole, Role>> = {
  viewer: 'VIEWER',
  member: 'MEMBER',
  admin: 'ADMIN',
  owner: 'OWNER',
};

const keyIdOf = (key: string): string => `key_${key.slice('sp_live_'.length, 34)}`;

/** Somebody new of this role, at home there. */
export async function createCaller(
  { db }: Pick<GatewayFixture, 'db'>,
  role: MatrixRole,
  home: MatrixPlace,
): Promise<MatrixCaller> {
  if (role === 'nobody') return { role, id: newId('user') };
  if (role === 'projectKey' || role === 'adminKey') {
    const { organizationId, projectId } = home;
    const scope = { scopes: projectScopes, organizationId, projectId };
    const key = await createKey(db, role === 'adminKey' ? { scopes: ['admin'] } : scope);
    return { role, id: keyIdOf(key), key };
  }
  const part = memberRoles[role];
  const roles = part && { [home.organizationId]: part };
  const user = await createUser(db, { isSuperAdmin: role === 'superAdmin', roles, password });
  return { role, id: user.userId, key: user.accessToken, email: user.email };
}

/** Another project of the same organization. */
export async function createSibling(
  { db }: Pick<GatewayFixture, 'db'>,
  { organizationId }: MatrixPlace,
): Promise<MatrixPlace> {
  const { _id: projectId } = await db
    .model(Project)
    .create({ _id: newId('project'), organizationId, name: 'Other' });
  return { organizationId, projectId };
}

/** Where a thing is to be, and who will ask for it. */
export interface Wanted {
  place: MatrixPlace;
  caller: MatrixCaller;
  /** Where the caller is at home. */
  home: MatrixPlace;
}

/** A thing, by what documents know it as. */
type Things = Readonly<Record<string, (wanted: Wanted) => string | Promise<string>>>;

const captions = (): CaptionSet => ({
  revision: 1,
  tracks: [
    {
      ...{ id: newId('captions'), language: 'en', label: 'English', kind: 'SUBTITLES', isDefault: false },
      ...{ revision: 1, addedAt: new Date() },
    },
  ],
});

/** Makes things that documents name; each is new, but for organizations and projects. */
export function thingsOf({ db }: Pick<GatewayFixture, 'db'>): { present: Things; missing: Things } {
  const keyRing = parseKeyRing(testTokenKeys);
  const { links } = createIdentity({ db, keyRing, publicGatewayUrl: testGatewayUrl });
  const newEmail = () => `${newId('user')}@test.example`;
  const tokenOf = (invitationId: string) => links.sign('invitation', { invitationId }, 60);

  async function invitation(organizationId: string, email = newEmail()): Promise<string> {
    const { _id } = await db.model(Invitation).create({
      ...{ _id: newId('invite'), organizationId, email, role: 'VIEWER', invitedBy: newId('user') },
      expiresAt: new Date(Date.now() + 60_000),
    });
    return _id;
  }

  async function letter(place: MatrixPlace): Promise<string> {
    const videoId = await storeVideo(db, place, { status: 'FAILED', endedAt: new Date() });
    return storeLetter(db, { videoId });
  }

  async function deletedVideo(place: MatrixPlace): Promise<string> {
    const videoId = await storeVideo(db, place, { status: 'STOPPED' });
    const video = (await db.model(Video).findByIdAndDelete(videoId).lean<Video>()) ?? undefined;
    const at = { deletedAt: new Date(), purgeAt: new Date(Date.now() + 3_600_000) };
    await db.model(DeletedVideo).create({ _id: videoId, ...place, ...at, video, usage: {} });
    return videoId;
  }

  const always: Things = {
    newEmail,
    accountEmail: async () => (await createUser(db, { password })).email,
    refreshToken: async () => (await createUser(db)).refreshToken,
    callerId: ({ caller }) => caller.id,
    ownOrganizationId: ({ home }) => home.organizationId,
    /** Invites the caller to an organization of nobody. */
    ownInvitation: async ({ caller }) => tokenOf(await invitation(newId('org'), caller.email)),
  };
  return {
    present: {
      ...always,
      organizationId: ({ place }) => place.organizationId,
      projectId: ({ place }) => place.projectId,
      videoId: ({ place }) => storeVideo(db, place),
      deletedVideoId: ({ place }) => deletedVideo(place),
      captionedId: ({ place }) => storeVideo(db, place, { captions: captions() }),
      keyId: async ({ place }) => keyIdOf(await createKey(db, { scopes: ['video:read'], ...place })),
      invitationId: ({ place }) => invitation(place.organizationId),
      invitationToken: async ({ place }) => tokenOf(await invitation(place.organizationId)),
      memberId: async ({ place }) =>
        (await createUser(db, { roles: { [place.organizationId]: 'VIEWER' } })).userId,
      deadLetterId: ({ place }) => letter(place),
      workerId: () => storeWorker(db),
    },
    missing: {
      ...always,
      organizationId: () => newId('org'),
      projectId: () => newId('project'),
      videoId: () => newId('video'),
      deletedVideoId: () => newId('video'),
      captionedId: () => newId('video'),
      keyId: () => newId('key'),
      invitationId: () => newId('invite'),
      invitationToken: () => tokenOf(newId('invite')),
      memberId: () => newId('user'),
      deadLetterId: () => newId('dead'),
      workerId: () => newId('worker'),
    },
  };
}
