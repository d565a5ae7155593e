import { describe, expect, it } from '@jest/globals';
import { createTokens } from '../../platform/tokens.js';
import { Video } from '../../schema/video.js';
import { ask } from './gateway-client.js';
import { createKey, createTenant, type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

interface VideoPage {
  videos: {
    edges: { cursor: string; node: { id: string; title: string } }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  };
}

const pageQuery = `query ($projectId: ID!, $first: Int, $after: String, $filter: VideoFilter, $orderBy: VideoOrder) {
  videos(projectId: $projectId, first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { id title } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;

function reader({ url, tenant }: GatewayFixture) {
  return (variables: Record<string, unknown>, key = tenant.key) =>
    ask<VideoPage>({ url, key }, pageQuery, { projectId: tenant.projectId, ...variables });
}

/** The titles of all pages, read one after the other. */
async function readAll(fixture: GatewayFixture, variables: Record<string, unknown>): Promise<string[][]> {
  const read = reader(fixture);
  const pages: string[][] = [];
  for (let after: string | null | undefined = null; after !== undefined;) {
    const { data, errors }: Awaited<ReturnType<typeof read>> = await read({ ...variables, after });
    if (!data) throw new Error(JSON.stringify(errors));
    pages.push(data.videos.edges.map(({ node }) => node.title));
    after = data.videos.pageInfo.hasNextPage ? data.videos.pageInfo.endCursor : undefined;
  }
  return pages;
}

describe('the list of videos', () => {
  it('pages through every video once in each order, ties included', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const titles = ['b', 'a', 'd', 'a', 'c'];
      const sameTime = new Date('2026-01-01T00:00:00Z');
      for (const title of titles)
        await storeVideo(fixture.db, fixture.tenant, { title, createdAt: sameTime });
      await storeVideo(fixture.db, await createTenant(fixture.db), { title: 'of somebody else' });

      expect(await readAll(fixture, { first: 2, orderBy: 'TITLE_ASC' })).toEqual([
        ['a', 'a'],
        ['b', 'c'],
        ['d'],
      ]);
      expect(await readAll(fixture, { first: 5, orderBy: 'TITLE_DESC' })).toEqual([
        ['d', 'c', 'b', 'a', 'a'],
      ]);
      expect(await readAll(fixture, { first: 3 })).toEqual([
        titles.toReversed().slice(0, 3),
        titles.toReversed().slice(3),
      ]);
      expect((await readAll(fixture, { first: 1, orderBy: 'CREATED_AT_ASC' })).flat()).toEqual(titles);
    }));

  it('filters', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      await storeVideo(db, tenant, { title: 'Sea 100%', status: 'READY', playable: true });
      await storeVideo(db, tenant, { title: 'sea of 1000', status: 'FAILED' });
      await storeVideo(db, tenant, { title: 'Mountain', status: 'PROCESSING', playable: true });
      const titles = async (filter: Record<string, unknown>) =>
        (await readAll(fixture, { filter, orderBy: 'TITLE_ASC' })).flat();
      expect(await titles({ titleContains: 'SEA' })).toEqual(['Sea 100%', 'sea of 1000']);
      expect(await titles({ titleContains: '100%' })).toEqual(['Sea 100%']);
      expect(await titles({ titleContains: '.*' })).toEqual([]);
      expect(await titles({ status: ['READY', 'FAILED'], playable: false })).toEqual(['sea of 1000']);
      expect(await titles({ uploadStatus: 'WAITING' })).toEqual([]);
    }));

  it.each([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ after: 'nonsense' }, 'after'],
    [{ first: 'many' }, 'first'],
    [{ filter: { titleContains: '' } }, 'titleContains'],
  ])('refuses %j, naming %s', (variables, field) =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { errors } = await reader(fixture)(variables);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
    }),
  );

  it('refuses a cursor of another order', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      await storeVideo(fixture.db, fixture.tenant);
      const read = reader(fixture);
      const after = (await read({ orderBy: 'TITLE_ASC' })).data?.videos.edges[0]?.cursor;
      const { errors } = await read({ after, orderBy: 'CREATED_AT_ASC' });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }]);
    }));
});

describe('a video', () => {
  it('has signed URLs once it is playable, for as long as asked', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant }) => {
      const rendition = {
        name: '720p',
        width: 1280,
        height: 720,
        codecs: 'avc1',
        bandwidthBps: 1,
        averageBandwidthBps: 1,
      };
      const ready = await storeVideo(db, tenant, {
        status: 'READY',
        playable: true,
        generation: 3,
        renditions: [rendition],
      });
      const waiting = await storeVideo(db, tenant);
      const query = `query ($id: ID!, $seconds: Int, $viewer: PlaybackViewerInput) {
        video(id: $id) { playback(expiresInSeconds: $seconds, viewer: $viewer) { url posterUrl storyboardUrl expiresAt } } }`;
      const sender = { url, key: tenant.key };
      const before = Date.now();
      const { data } = await ask<{
        video: { playback: { url: string; posterUrl: string; expiresAt: string } };
      }>(sender, query, { id: ready, seconds: 120 });
      const playback = data?.video.playback;
      expect(Date.parse(playback?.expiresAt ?? '') - before).toBeGreaterThan(118_000);
      expect(Date.parse(playback?.expiresAt ?? '') - before).toBeLessThan(150_000);
      expect(playback?.posterUrl).toContain('http://play.test/stream/');
      const [, token = ''] = /^http:\/\/play\.test\/stream\/([\w-]+)\.m3u8$/.exec(playback?.url ?? '') ?? [];
      const tokens = createTokens({ keys: `k1:${Buffer.alloc(32, 1).toString('base64url')}` });
      expect(tokens.open(token, 'entry')).toMatchObject({ videoId: ready, generation: 3 });

      const viewer = { userId: 'u', ipPrefix: '192.0.2.0/24', referrers: ['*.example.com'], maxHeight: 1080 };
      const restricted = await ask<typeof data>(sender, query, { id: ready, viewer });
      const [, own = ''] = /stream\/([\w-]+)\.m3u8$/.exec(restricted.data?.video.playback.url ?? '') ?? [];
      expect(tokens.open(own, 'entry')).toMatchObject({ videoId: ready, audience: viewer });
      expect((await ask(sender, query, { id: ready, viewer: { referrers: ['a b'] } })).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'viewer.referrers' } },
      ]);

      expect((await ask(sender, query, { id: waiting })).data).toEqual({ video: { playback: null } });
      expect((await ask(sender, query, { id: ready, seconds: 59 })).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'expiresInSeconds' } },
      ]);
    }));

  it('is renamed by its project, and by no other', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant }) => {
      const id = await storeVideo(db, tenant);
      const mutation =
        'mutation ($id: ID!, $title: String) { updateVideo(id: $id, input: { title: $title }) { title } }';
      const rename = (key: string, title: string | null) => ask({ url, key }, mutation, { id, title });
      expect((await rename(tenant.key, '  New\u0007 title ')).data).toEqual({
        updateVideo: { title: 'New  title' },
      });
      expect((await rename(tenant.key, null)).data).toEqual({ updateVideo: { title: 'New  title' } });
      expect((await rename(tenant.key, '   ')).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'title' } },
      ]);
      const other = await createTenant(db);
      expect((await rename(other.key, 'Mine')).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
      expect((await db.model(Video).findById(id).lean())?.title).toBe('New  title');
    }));

  it('of another tenant answers exactly like one that is missing; an administrator sees all', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant, adminKey }) => {
      const other = await createTenant(db);
      const id = await storeVideo(db, other);
      const query =
        'query ($id: ID!, $projectId: ID!) { video(id: $id) { id } project(id: $projectId) { id } }';
      const foreign = await ask({ url, key: tenant.key }, query, { id, projectId: other.projectId });
      const missing = await ask({ url, key: tenant.key }, query, { id: 'video_x', projectId: 'project_x' });
      expect(foreign.data).toEqual({ video: null, project: null });
      expect([missing.data, missing.errors]).toEqual([foreign.data, foreign.errors]);
      const seen = await ask({ url, key: adminKey }, query, { id, projectId: other.projectId });
      expect(seen.data).toEqual({ video: { id }, project: { id: other.projectId } });
    }));
});

describe('projects', () => {
  it('are those the caller sees, the newest first', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant, adminKey }) => {
      const other = await createTenant(db);
      const query =
        'query ($first: Int) { projects(first: $first) { edges { node { id } } pageInfo { hasNextPage } } }';
      const list = async (key: string, first = 20) => (await ask({ url, key }, query, { first })).data;
      const page = (hasNextPage: boolean, ...ids: string[]) => ({
        projects: { edges: ids.map((id) => ({ node: { id } })), pageInfo: { hasNextPage } },
      });
      expect(await list(tenant.key)).toEqual(page(false, tenant.projectId));
      expect(await list(adminKey)).toEqual(page(false, other.projectId, tenant.projectId));
      expect(await list(adminKey, 1)).toEqual(page(true, other.projectId));
      const organizationKey = await createKey(db, {
        scopes: ['project:read'],
        organizationId: other.organizationId,
      });
      expect(await list(organizationKey)).toEqual(page(false, other.projectId));
    }));
});
