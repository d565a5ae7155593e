import { describe, expect, it } from '@jest/globals';
import type { AdminStats } from '../../gateway/admin/admin-types.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import { Video } from '../../schema/video.js';
import { storeJob, storeWorker } from './gateway-admin-data.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

/** Sends a request; the body as it is. */
async function send(
  { url }: GatewayFixture,
  request: { path: string; key?: string; method?: string; body?: string },
) {
  const { path, key, method = 'GET', body } = request;
  const response = await fetch(`${url}${path}`, {
    method,
    body,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
  });
  const type = response.headers.get('content-type')?.split(';')[0];
  return { status: response.status, type, json: (await response.json()) as Record<string, unknown> };
}

const problem = (status: number, code: string) => ({
  ...{ status, type: 'application/problem+json' },
  json: expect.objectContaining({ type: 'about:blank', status, code }),
});

describe('GET /admin/stats', () => {
  it('answers what adminStats does, as JSON', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant, adminKey: key } = fixture;
      const id = await storeWorker(db);
      await storeJob(db, { organizationId: tenant.organizationId }, { cost: 3 });
      const { status, type, json } = await send(fixture, { path: '/admin/stats', key });
      const stats = json as unknown as AdminStats;
      expect([status, type]).toEqual([200, 'application/json']);
      expect(Date.parse(String(stats.at))).not.toBeNaN();
      expect(stats).toMatchObject({
        ...{ paused: false, deadLetters: 0, consumers: { active: 2 }, workers: [{ id, jobs: [] }] },
        queue: { depth: 1, workSecondsQueued: 3, lag: null },
        processing: { lastHour: { done: 0 }, lastDay: { meanSpeed: null } },
      });
    }));
});

describe('POST /admin/video/:videoID/stop', () => {
  const stop = (fixture: GatewayFixture, videoId: string, body?: string) =>
    send(fixture, { path: `/admin/video/${videoId}/stop`, method: 'POST', key: fixture.adminKey, body });

  it('stops a video, with a reason or without, and enters it in the audit log', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      for (const [body, reason] of [
        [JSON.stringify({ reason: 'enough' }), 'enough'],
        ['{}', undefined],
        ['', undefined],
        [undefined, undefined],
      ]) {
        const id = await storeVideo(db, tenant);
        expect(await stop(fixture, id, body)).toEqual({
          ...{ status: 202, type: 'application/json', json: { videoId: id, status: 'STOPPED' } },
        });
        const video = await db.model(Video).findById(id).lean<Video>();
        expect([video?.status, video?.stopReason]).toEqual(['STOPPED', reason]);
        const entries = await db.model(AuditEntry).find({ target: id }).lean<AuditEntry[]>();
        expect(entries).toMatchObject([{ action: 'stopVideo', result: 'OK' }]);
      }
    }));

  it('answers with a problem where there is nothing to stop, or the request is not one', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const ready = await storeVideo(db, tenant, { status: 'READY' });
      const finished = await stop(fixture, ready);
      expect(finished).toEqual(problem(409, 'CONFLICT'));
      expect(finished.json).toMatchObject({ currentStatus: 'READY' });
      expect(await stop(fixture, 'video_unknown')).toEqual(problem(404, 'NOT_FOUND'));
      const running = await storeVideo(db, tenant);
      for (const body of ['{', JSON.stringify({ reason: 5 }), JSON.stringify({ reason: 'x'.repeat(256) })]) {
        expect(await stop(fixture, running, body)).toEqual(problem(400, 'BAD_USER_INPUT'));
      }
      expect((await db.model(Video).findById(running).lean())?.status).toBe('PROCESSING');
      const entries = await db.model(AuditEntry).find().sort({ _id: 1 }).lean();
      expect(entries.map(({ result }) => result)).toEqual(['CONFLICT', 'NOT_FOUND']);
    }));
});

describe('the administrators’ routes', () => {
  it('are closed to everybody else', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const id = await storeVideo(db, tenant);
      const requests = [
        { path: '/admin/stats' },
        { path: `/admin/video/${id}/stop`, method: 'POST', body: '{}' },
      ];
      for (const request of requests) {
        expect(await send(fixture, request)).toEqual(problem(401, 'UNAUTHENTICATED'));
        expect(await send(fixture, { ...request, key: 'nonsense' })).toEqual(problem(401, 'UNAUTHENTICATED'));
        const refused = await send(fixture, { ...request, key: tenant.key });
        expect(refused).toEqual(problem(403, 'FORBIDDEN'));
      }
      expect((await db.model(Video).findById(id).lean())?.status).toBe('PROCESSING');
    }));
});
