import { describe, expect, it } from '@jest/globals';
import type { JobTimeline } from '../../gateway/admin/job-timeline-types.js';
import { createJobQueue } from '../../platform/job-queue.js';
import { Flow } from '../../schema/dispatch-state.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { Worker } from '../../schema/worker.js';
import { chunkTask, storeJob, storeWorker } from './gateway-admin-data.js';
import { ask, connect, type GraphqlAnswer } from './gateway-client.js';
import { createTenant, type GatewayFixture, type Tenant, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const asAdmin =
  ({ url, adminKey: key }: GatewayFixture) =>
  <T>(operation: string, variables: Record<string, unknown> = {}): Promise<GraphqlAnswer<T>> =>
    ask<T>({ url, key }, operation, variables);

/** Queues a video of a tenant as an upload does. Returns its id. */
async function queueVideo({ db, publisher }: GatewayFixture, tenant: Tenant): Promise<string> {
  const videoId = await storeVideo(db, tenant, { status: 'QUEUED' });
  const queue = createJobQueue({ db, publisher });
  const { organizationId } = tenant;
  const owner = { videoId, organizationId, generation: 1, priority: 'NORMAL' as const };
  await db.transaction((session) => queue.enqueuePlan(owner, session));
  return videoId;
}

/** Videos in the order in which their jobs will be claimed. */
async function line({ db }: GatewayFixture): Promise<string[]> {
  const jobs = await db.model(Job).find({ state: 'QUEUED' }).sort({ rank: 1, seq: 1 }).lean();
  return jobs.map(({ videoId }) => videoId);
}

describe('pausing', () => {
  it('is stored for all processes, shown, and undone', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      const send = asAdmin(fixture);
      type Control = Record<string, { paused: boolean; changedAt: string }>;
      const pause = () => send<Control>('mutation { pauseProcessing { paused changedAt } }');
      const paused = (await pause()).data?.['pauseProcessing'];
      expect(paused?.paused).toBe(true);
      expect((await pause()).data?.['pauseProcessing']).toEqual(paused);
      const stored = () => db.connection.collection('dispatchControl').find().toArray();
      expect(await stored()).toMatchObject([{ _id: 'control', isPaused: true }]);
      expect((await send('{ adminStats { paused } }')).data).toEqual({ adminStats: { paused: true } });
      const resumed = await send<Control>('mutation { resumeProcessing { paused changedAt } }');
      expect(resumed.data?.['resumeProcessing']?.paused).toBe(false);
      expect(await stored()).toMatchObject([{ _id: 'control', isPaused: false }]);
    }));
});

describe('draining', () => {
  it('is asked of a worker that is alive, and taken back', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      const send = asAdmin(fixture);
      const id = await storeWorker(db);
      const dead = await storeWorker(db, { aliveUntil: new Date(0) });
      const mutation =
        'mutation ($id: ID!, $drain: Boolean) { drainWorker(id: $id, drain: $drain) { id draining } }';
      const drain = async (variables: Record<string, unknown>) => (await send(mutation, variables)).data;
      expect(await send('mutation ($id: ID!) { drainWorker(id: $id) { draining } }', { id })).toMatchObject({
        data: { drainWorker: { draining: true } },
      });
      expect((await db.model(Worker).findById(id).lean())?.isDraining).toBe(true);
      expect(await drain({ id, drain: false })).toEqual({ drainWorker: { id, draining: false } });
      for (const gone of [dead, 'worker_unknown']) {
        expect((await send(mutation, { id: gone })).errors).toMatchObject([
          { extensions: { code: 'NOT_FOUND' } },
        ]);
      }
    }));
});

describe('the priority of a video', () => {
  const mutation =
    'mutation ($id: ID!, $to: Priority!) { setVideoPriority(id: $id, priority: $to) { id priority } }';

  it('moves what is queued ahead of its own organization, and of no other', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const send = asAdmin(fixture);
      const other = await createTenant(db);
      const own: string[] = [];
      for (let n = 0; n < 3; n += 1) own.push(await queueVideo(fixture, tenant));
      const theirs = await queueVideo(fixture, other);
      const [a = '', b = '', c = ''] = own;
      const before = await line(fixture);
      expect(before.filter((id) => id !== theirs)).toEqual([a, b, c]);

      expect((await send(mutation, { id: c, to: 'HIGH' })).data).toEqual({
        setVideoPriority: { id: c, priority: 'HIGH' },
      });
      const after = await line(fixture);
      expect(after.indexOf(c)).toBeLessThan(after.indexOf(b));
      expect(after.indexOf(theirs)).toBeLessThan(after.indexOf(b));
      expect((await db.model(Job).findOne({ videoId: c }).lean())?.priority).toBe('HIGH');
      expect((await db.model(Video).findById(c).lean())?.priority).toBe('HIGH');
    }));

  it('that it has already moves and charges nothing', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const id = await queueVideo(fixture, tenant);
      const flow = () => db.model(Flow).findById(tenant.organizationId).lean();
      const send = asAdmin(fixture);
      await send(mutation, { id, to: 'LOW' });
      const charged = await flow();
      await send(mutation, { id, to: 'LOW' });
      expect(await flow()).toEqual(charged);
      expect((await send(mutation, { id: 'video_unknown', to: 'LOW' })).errors).toMatchObject([
        { extensions: { code: 'NOT_FOUND' } },
      ]);
    }));
});

describe('the jobs of a video', () => {
  const query = `query ($videoId: ID!, $generation: Int) { jobs(videoId: $videoId, generation: $generation) {
    id kind part chunkIndex state jobClass priority predictedSeconds attempts percent availableAt
    queuePosition aheadOfOwnOrganization aheadOfOthers waitsBecause
    runs { attempt workerId startedAt endedAt outcome errorCode frames framesPerSecond speed } } }`;

  it('are told with every attempt, and why those that wait do', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const videoId = await storeVideo(db, tenant, { generation: 2 });
      const { organizationId } = tenant;
      const owner = { organizationId, videoId };
      const of = { generation: 2 };
      const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);
      const availableAt = new Date(Date.now() + 60_000);
      const failed = { attempt: 1, workerId: 'worker_a', startedAt: at(0), endedAt: at(2), frames: 10 };
      const done = {
        attempt: 1,
        workerId: 'worker_b',
        startedAt: at(3),
        endedAt: at(5),
        outcome: 'DONE' as const,
      };
      await storeJob(db, owner, { ...of, kind: 'FINISH', state: 'WAITING' });
      await storeJob(db, owner, { ...of, chunk: chunkTask(2), rank: 9 });
      await storeJob(db, owner, {
        ...{ ...of, chunk: chunkTask(1), state: 'WAITING', availableAt, attempt: 1 },
        runs: [{ ...failed, outcome: 'FAILED', errorCode: 'SOURCE_UNREACHABLE' }],
      });
      await storeJob(db, owner, { ...of, chunk: chunkTask(0), state: 'DONE', attempt: 1, runs: [done] });
      await storeJob(db, owner, { ...of, kind: 'PLAN', state: 'DONE' });
      await storeJob(db, owner, { chunk: chunkTask(0), state: 'CANCELLED' });
      await storeJob(db, { organizationId }, { rank: 1 });
      const other = await createTenant(db);
      for (let n = 0; n < 2; n += 1) await storeJob(db, other, { rank: 2 });
      await storeJob(db, other, { rank: 10 });
      await storeWorker(db);

      const send = asAdmin(fixture);
      const { data, errors } = await send<{ jobs: JobTimeline[] }>(query, { videoId });
      expect(errors).toBeUndefined();
      expect(data?.jobs).toMatchObject([
        { kind: 'PLAN', state: 'DONE', part: null, waitsBecause: null },
        { chunkIndex: 0, state: 'DONE', percent: 100, runs: [{ workerId: 'worker_b', speed: 2 }] },
        {
          ...{ chunkIndex: 1, state: 'WAITING', attempts: 1, availableAt: availableAt.toISOString() },
          runs: [{ outcome: 'FAILED', errorCode: 'SOURCE_UNREACHABLE', frames: 10, speed: null }],
          waitsBecause: expect.stringContaining('SOURCE_UNREACHABLE'),
        },
        {
          ...{ chunkIndex: 2, state: 'QUEUED', queuePosition: 4, predictedSeconds: 10 },
          ...{ aheadOfOwnOrganization: 1, aheadOfOthers: 2 },
          waitsBecause: expect.stringContaining(
            '3 jobs go before it, 1 of its own organization and 2 of others',
          ),
        },
        { kind: 'FINISH', state: 'WAITING', waitsBecause: 'It waits for the last chunk.' },
      ]);
      const first = await send<{ jobs: JobTimeline[] }>(query, { videoId, generation: 1 });
      expect(first.data?.jobs).toMatchObject([{ state: 'CANCELLED' }]);
      await send('mutation { pauseProcessing { paused } }');
      const paused = await send<{ jobs: JobTimeline[] }>(query, { videoId });
      expect(paused.data?.jobs[3]?.waitsBecause).toContain('paused');
      expect((await send(query, { videoId: 'video_unknown' })).errors).toMatchObject([
        { extensions: { code: 'NOT_FOUND' } },
      ]);
    }));
});

describe('the audit log', () => {
  interface Entries {
    auditLog: { edges: { node: Record<string, unknown> }[]; pageInfo: { endCursor: string } };
  }
  const query = `query ($first: Int, $after: String, $filter: AuditFilter) {
    auditLog(first: $first, after: $after, filter: $filter) {
      edges { node { id actor action target details result address requestId } } pageInfo { endCursor } } }`;

  it('tells who did what to what, from where, and how it ended, the newest first', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant, adminKey, url } = fixture;
      const send = asAdmin(fixture);
      const id = await storeVideo(db, tenant);
      const worker = await storeWorker(db);
      const stop = 'mutation ($id: ID!) { stopVideo(id: $id, reason: "enough") { status } }';
      await send('mutation ($id: ID!) { drainWorker(id: $id) { id } }', { id: worker });
      await ask({ url, key: tenant.key }, stop, { id });
      const client = connect({ url, key: adminKey });
      await client.iterate({ query: stop, variables: { id } }).next();
      await client.dispose();

      const read = async (variables: Record<string, unknown> = {}) => {
        const { data, errors } = await send<Entries>(query, variables);
        if (!data) throw new Error(JSON.stringify(errors));
        return data.auditLog;
      };
      const keyId = (key: string) => `key_${key.slice(8, 34)}`;
      const { edges } = await read();
      expect(edges.map(({ node }) => node)).toMatchObject([
        { actor: keyId(adminKey), action: 'stopVideo', target: id, result: 'CONFLICT' },
        {
          actor: keyId(tenant.key),
          action: 'stopVideo',
          target: id,
          details: { reason: 'enough' },
          result: 'OK',
        },
        {
          actor: keyId(adminKey),
          action: 'drainWorker',
          target: worker,
          details: { drain: true },
          result: 'OK',
        },
      ]);
      for (const { node } of edges) {
        expect(node['address']).toContain('127.0.0.1');
        expect(node['requestId']).toEqual(expect.stringMatching(/^[\w-]{8,}$/));
      }
      expect((await read({ filter: { target: worker } })).edges).toMatchObject([
        { node: { action: 'drainWorker' } },
      ]);
      expect((await read({ filter: { action: 'stopVideo' } })).edges).toHaveLength(2);
      const { pageInfo } = await read({ first: 2 });
      expect((await read({ after: pageInfo.endCursor })).edges).toMatchObject([{ node: { target: worker } }]);
    }));
});
