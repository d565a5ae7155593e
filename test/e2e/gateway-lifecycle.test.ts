import { describe, expect, it } from '@jest/globals';
import { AuditEntry } from '../../schema/audit-entry.js';
import { Project } from '../../schema/project.js';
import { Video } from '../../schema/video.js';
import { ask, connect } from './gateway-client.js';
import { createTenant, eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const HOUR_MS = 3_600_000;
const source = { filename: 'film.mp4', sizeBytes: 7, width: 640, height: 360, durationSeconds: 3 };
const renditions = [{ name: '360p', width: 640, codecs: 'a', bandwidthBps: 1, averageBandwidthBps: 1 }];
const ready: Partial<Video> = { status: 'READY', playable: true, source, renditions, endedAt: new Date(0) };

type Answer = Record<string, Record<string, unknown> | string | null>;

/** Asks as the tenant; answers the one field, or the code of the first error with its field or status. */
async function act({ url, tenant }: GatewayFixture, text: string, variables: object): Promise<unknown> {
  const sender = { url, key: tenant.key };
  const { data, errors } = await ask<Answer>(sender, text, { ...variables });
  const extensions = errors?.[0]?.extensions as Record<string, unknown> | undefined;
  if (extensions) return [extensions.code, extensions.field ?? extensions.status].filter(Boolean).join(' ');
  return Object.values(data ?? {})[0];
}

const read =
  'query ($id: ID!) { video(id: $id) { generation status playable sourceStored playback { url } } }';
const remove = 'mutation ($id: ID!) { deleteVideo(id: $id) }';
const restore = 'mutation ($id: ID!) { restoreVideo(id: $id) { status title } }';
const reprocess = `mutation ($id: ID!, $input: ReprocessInput, $key: String) {
  reprocessVideo(id: $id, input: $input, idempotencyKey: $key) { generation status playable priority } }`;

describe('a video through the gateway', () => {
  it('is made anew once by requests with one key that come at the same time', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const id = await storeVideo(fixture.db, fixture.tenant, ready);
      const answers = await Promise.all([1, 2, 3, 4].map(() => act(fixture, reprocess, { id, key: 'a' })));
      for (const answer of answers) expect(answer).toMatchObject({ playable: true });
      expect(await fixture.db.model(Video).findById(id).lean()).toMatchObject({ generation: 2 });
    }));

  it('is made anew once for a key, by those rungs that fit, from its stored source', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const id = await storeVideo(db, tenant, ready);
      const asked = { id, key: 'a', input: { heights: [240, 1080], priority: 'HIGH' } };
      const begun = { generation: 2, status: 'QUEUED', playable: true, priority: 'HIGH' };
      expect(await act(fixture, reprocess, asked)).toEqual(begun);
      expect(await act(fixture, reprocess, asked)).toEqual(begun);
      // Another one replaces it; the one that was READY goes on playing.
      expect(await act(fixture, reprocess, { id })).toMatchObject({ generation: 3, playable: true });
      expect(await db.model(Video).findById(id).lean()).toMatchObject({ served: { generation: 1 } });

      expect(await act(fixture, reprocess, { id, input: { heights: [720] } })).toBe('BAD_USER_INPUT heights');
      expect(await act(fixture, reprocess, { id, input: { heights: [333] } })).toBe('BAD_USER_INPUT heights');
      const bare = await storeVideo(db, tenant, { ...ready, sourceRemovedAt: new Date() });
      const arriving = await storeVideo(db, tenant, { status: 'QUEUED', uploadStatus: 'RECEIVING' });
      expect(await act(fixture, reprocess, { id: bare })).toBe('CONFLICT READY');
      expect(await act(fixture, reprocess, { id: arriving })).toBe('CONFLICT QUEUED');

      const route = `${fixture.url}/reprocess/${tenant.projectId}/${id}`;
      const headers = { authorization: `Bearer ${tenant.key}` };
      const byRest = await fetch(route, { method: 'POST', headers });
      expect([byRest.status, await byRest.json()]).toMatchObject([202, { videoId: id, generation: 4 }]);

      const many = `mutation ($projectId: ID!, $status: [VideoStatus!]) { reprocessVideos(projectId: $projectId,
        filter: { status: $status }) { reprocessed notReprocessed refusals { videoId code } endCursor } }`;
      const answer = await act(fixture, many, { ...tenant, status: ['QUEUED', 'READY'] });
      expect(answer).toMatchObject({ reprocessed: 1, notReprocessed: 2, endCursor: null });
      expect(await db.model(AuditEntry).countDocuments({ action: 'reprocessVideo', result: 'OK' })).toBe(4);
    }));

  it('is gone when it is deleted, for whoever watches too, and may come back', () =>
    withGateway({ kafka: 'silent', deleteGraceMs: HOUR_MS }, async (fixture) => {
      const { db, hls, tenant, url } = fixture;
      const id = await storeVideo(db, tenant);
      const socket = connect({ url, key: tenant.key });
      const query = `subscription { videoProgress(videoId: "${id}") { status stage } }`;
      const watching = socket.iterate<{ videoProgress: { status: string } }>({ query });
      expect((await watching.next()).value).toMatchObject({
        data: { videoProgress: { status: 'PROCESSING' } },
      });

      expect(await act(fixture, remove, { id })).toBe(id);
      expect((await watching.next()).value).toMatchObject({ data: { videoProgress: { status: 'STOPPED' } } });
      expect((await watching.next()).done).toBe(true);
      await socket.dispose();
      expect(await act(fixture, read, { id })).toBeNull();
      for (const text of [remove, reprocess, 'mutation ($id: ID!) { stopVideo(id: $id) { id } }'])
        expect(await act(fixture, text, { id })).toBe('NOT_FOUND');
      await eventually(async () => (await hls.get(`${id}/withdrawn`)) !== undefined);

      const other = await createTenant(db);
      expect(await act({ ...fixture, tenant: other }, restore, { id })).toBe('NOT_FOUND');
      expect(await act(fixture, restore, { id })).toEqual({ status: 'STOPPED', title: 'A film' });
      expect(await act(fixture, restore, { id })).toBe('NOT_FOUND');
      await eventually(async () => (await hls.get(`${id}/withdrawn`)) === undefined);
      const acts = await db.model(AuditEntry).find({ target: id, result: 'OK' }).distinct('action');
      expect(acts.toSorted()).toEqual(['deleteVideo', 'restoreVideo']);
    }));

  it('and its source are kept as long as its project says', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, blobs, tenant, adminKey } = fixture;
      const operator = { ...fixture, tenant: { ...tenant, key: adminKey } };
      const change = (text: string) =>
        act(
          operator,
          `mutation ($id: ID!) { updateProject(id: $id, ${text}) { name keepSource deleteAfterDays } }`,
          { id: tenant.projectId },
        );
      const old = await storeVideo(db, tenant, { ...ready, createdAt: new Date(Date.now() - 49 * HOUR_MS) });
      const id = await storeVideo(db, tenant, ready);
      const making = await storeVideo(db, tenant);
      for (const videoId of [id, making])
        await blobs.put(`${videoId}/source`, Buffer.from('x'), { contentType: 'video/mp4' });

      const kept = { name: 'Project', keepSource: true, deleteAfterDays: null };
      expect(await change('deleteAfterDays: 0')).toBe('BAD_USER_INPUT deleteAfterDays');
      expect(await change('deleteAfterDays: 2')).toEqual({ ...kept, deleteAfterDays: 2 });
      await eventually(async () => (await act(fixture, read, { id: old })) === null);
      expect(await change('keepSource: false')).toEqual({ ...kept, keepSource: false, deleteAfterDays: 2 });
      await eventually(async () => (await blobs.get(`${id}/source`)) === undefined);
      expect(await act(fixture, read, { id })).toMatchObject({ status: 'READY', sourceStored: false });
      expect(await act(fixture, reprocess, { id })).toBe('CONFLICT READY');
      expect(await act(fixture, read, { id: making })).toMatchObject({ sourceStored: true });
      expect(await blobs.get(`${making}/source`)).toBeDefined();

      expect(await change('keepSource: true, deleteAfterDays: null')).toEqual(kept);
      const project = await db.model(Project).findById(tenant.projectId).lean<Project>();
      expect(project?.retentionAt).toBeUndefined();
      const text = await fixture.registry.metrics();
      expect(text).toMatch(/stream_plus_swept_total\{sweep="retention"\} 2/);
    }));
});
