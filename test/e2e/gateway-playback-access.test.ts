import { describe, expect, it } from '@jest/globals';
import { createTokens } from '../../platform/tokens.js';
import { viewerKey } from '../../platform/viewer-key.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import { PlaybackRevocation } from '../../schema/playback-revocation.js';
import { testKeys } from '../support/streamer-fixture.js';
import { ask } from './gateway-client.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const tokens = createTokens({ keys: testKeys });

const REVOKE = `mutation ($input: RevokePlaybackInput!) { revokePlayback(input: $input) { announced revokedAt } }`;

/** What the URL of a playback grants. */
async function granted(fixture: GatewayFixture, id: string, viewer: object | null) {
  const query =
    'query ($id: ID!, $viewer: PlaybackViewerInput) { video(id: $id) { playback(viewer: $viewer) { url } } }';
  const { data, errors } = await ask<{ video: { playback: { url: string } | null } }>(
    { url: fixture.url, key: fixture.tenant.key },
    query,
    { id, viewer },
  );
  const [, token = ''] = /\/stream\/([\w-]+)\.m3u8$/.exec(data?.video.playback?.url ?? '') ?? [];
  return { claims: tokens.open(token, 'entry'), errors };
}

describe('playback that can be taken back', () => {
  it('carries its viewer, and how often the video was revoked', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, url, tenant } = fixture;
      const id = await storeVideo(db, tenant, { playable: true });
      const viewer = { userId: 'ada', maxConcurrent: 2 };
      const before = (await granted(fixture, id, viewer)).claims;
      expect(before?.viewer?.key).toBe(viewerKey(tenant.projectId, 'ada'));
      expect(before?.audience).toEqual(viewer);
      expect(before?.epoch).toBeUndefined();
      expect((await granted(fixture, id, null)).claims?.viewer).toBeUndefined();

      const { data } = await ask({ url, key: tenant.key }, REVOKE, { input: { videoId: id } });
      expect(data).toMatchObject({ revokePlayback: { announced: true } });
      const after = (await granted(fixture, id, null)).claims;
      expect(after?.epoch).toBe(1);
      const [kept] = await db.model(PlaybackRevocation).find().lean<PlaybackRevocation[]>();
      expect(kept).toMatchObject({ _id: `video:${id}`, what: { kind: 'video', belowEpoch: 1 } });
      const [entry] = await db.model(AuditEntry).find({ action: 'revokePlayback' }).lean<AuditEntry[]>();
      expect(entry).toMatchObject({ target: id, organizationId: tenant.organizationId });
    }));

  it('needs to know whose devices it counts', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const id = await storeVideo(fixture.db, fixture.tenant, { playable: true });
      const { errors } = await granted(fixture, id, { maxConcurrent: 2 });
      expect(errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'viewer.maxConcurrent',
      });
    }));

  it.each([
    [{}, 'BAD_USER_INPUT'],
    [{ sessionId: 's' }, 'BAD_USER_INPUT'],
    [{ userId: 'ada' }, 'BAD_USER_INPUT'],
    [{ videoId: 'video_x', keyId: 'k2' }, 'BAD_USER_INPUT'],
    [{ videoId: 'video_x' }, 'NOT_FOUND'],
    [{ keyId: 'k2' }, 'FORBIDDEN'],
  ])('is not taken back by %j', (input, code) =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant, db }) => {
      const { errors } = await ask({ url, key: tenant.key }, REVOKE, { input });
      expect(errors?.[0]?.extensions.code).toBe(code);
      expect(await db.model(PlaybackRevocation).countDocuments()).toBe(0);
    }),
  );

  it('is not taken back from everybody by the key that seals it', () =>
    withGateway({ kafka: 'silent' }, async ({ url, adminKey }) => {
      const { errors } = await ask({ url, key: adminKey }, REVOKE, { input: { keyId: 'k1' } });
      expect(errors?.[0]?.extensions.code).toBe('CONFLICT');
      const other = await ask({ url, key: adminKey }, REVOKE, { input: { keyId: 'k0' } });
      expect(other.data).toMatchObject({ revokePlayback: { announced: true } });
    }));
});

const UPDATE = `mutation ($id: ID!, $policy: PlaybackPolicy, $origins: [String!]) {
  updateProject(id: $id, playbackPolicy: $policy, playbackOrigins: $origins) { playbackPolicy playbackOrigins } }`;

describe('who may play the videos of a project', () => {
  it('is whoever has a signed URL, or everybody', () =>
    withGateway({ kafka: 'silent' }, async ({ db, url, tenant, adminKey }) => {
      const id = await storeVideo(db, tenant, { playable: true });
      const read = async () => {
        const query = 'query ($id: ID!) { video(id: $id) { publicUrl project { playbackPolicy } } }';
        return (await ask({ url, key: tenant.key }, query, { id })).data;
      };
      expect(await read()).toEqual({ video: { publicUrl: null, project: { playbackPolicy: 'SIGNED' } } });
      await ask({ url, key: adminKey }, UPDATE, { id: tenant.projectId, policy: 'PUBLIC' });
      const publicUrl = expect.stringMatching(new RegExp(`/stream/${id}\\.m3u8$`));
      expect(await read()).toEqual({ video: { publicUrl, project: { playbackPolicy: 'PUBLIC' } } });
    }));

  it('are scripts of these origins alone, as browsers call them', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, url, tenant, adminKey } = fixture;
      const id = await storeVideo(db, tenant, { playable: true });
      const update = (origins: string[] | null) =>
        ask({ url, key: adminKey }, UPDATE, { id: tenant.projectId, origins });
      for (const bad of [['a.example'], ['https://a.example/x'], ['*'], ['ftp://a.example'], []])
        expect((await update(bad)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect((await update(['https://A.example/'])).errors?.[0]?.extensions.field).toBe('playbackOrigins');
      expect((await update(['https://a.example/'])).data).toMatchObject({
        updateProject: { playbackOrigins: ['https://a.example'] },
      });
      expect((await granted(fixture, id, null)).claims?.origins).toEqual(['https://a.example']);
      expect((await update(null)).data).toMatchObject({ updateProject: { playbackOrigins: null } });
      expect((await granted(fixture, id, null)).claims?.origins).toBeUndefined();
    }));
});
