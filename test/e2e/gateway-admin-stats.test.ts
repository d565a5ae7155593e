import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AdminStats } from '../../gateway/admin/admin-types.js';
import { topics } from '../../schema/messages.js';
import { Video } from '../../schema/video.js';
import { Worker } from '../../schema/worker.js';
import { chunkTask, storeJob, storeLetter, storeWorker } from './gateway-admin-data.js';
import { ask, connect } from './gateway-client.js';
import { createTenant, eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const fields = `at paused deadLetters
  workers { id host pid consumers busy min max draining lastDecision { reason }
    jobs { jobId videoId kind attempt percent chunkIndex part startedAt } }
  consumers { active busy min max lastDecision { workerId from to reason } lastDecisions { workerId } }
  queue { depth dueNow oldestWaitingSeconds workSecondsQueued lag
    perOrganization { organizationId depth dueNow workSecondsQueued oldestWaitingSeconds } }
  processing { lastHour { ...figures } lastDay { ...figures } }`;
const figures = `fragment figures on ProcessingFigures { done failed stopped retried meanSpeed
  timeToPlayableP50Seconds timeToPlayableP95Seconds timeToPlayableSamples }`;
const query = `{ adminStats { ${fields} } } ${figures}`;

async function statsOf({ url, adminKey: key }: GatewayFixture): Promise<AdminStats> {
  const { data, errors } = await ask<{ adminStats: AdminStats }>({ url, key }, query);
  if (!data) throw new Error(JSON.stringify(errors));
  return data.adminStats;
}

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1_000);

describe('the statistics', () => {
  it('of an empty installation are empty', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      expect(await statsOf(fixture)).toMatchObject({
        ...{ paused: false, deadLetters: 0, workers: [] },
        consumers: { active: 0, lastDecision: null },
        queue: { depth: 0, oldestWaitingSeconds: null, workSecondsQueued: 0, perOrganization: [], lag: null },
        processing: { lastHour: { done: 0, meanSpeed: null }, lastDay: { timeToPlayableSamples: 0 } },
      });
    }));

  it('show who is alive and what they are at; a worker that falls silent vanishes', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const decision = { at: new Date(), from: 1, to: 2, reason: 'much to do' };
      const id = await storeWorker(db, { decision });
      const dead = await storeWorker(db, { aliveUntil: secondsAgo(1) });
      const { organizationId } = tenant;
      const claim = { state: 'CLAIMED', attempt: 2, leaseUntil: new Date(), framesDone: 25 } as const;
      const runs = [{ attempt: 2, workerId: id, startedAt: secondsAgo(3) }];
      const jobId = await storeJob(
        db,
        { organizationId },
        { ...claim, workerId: id, chunk: chunkTask(3), runs },
      );
      await storeJob(db, { organizationId }, { ...claim, workerId: dead });
      const stats = await statsOf(fixture);
      expect(stats.workers).toMatchObject([
        {
          ...{ id, host: 'here', pid: 7, consumers: 2, busy: 1, min: 1, max: 4, draining: false },
          jobs: [{ jobId, kind: 'CHUNK', attempt: 2, percent: 25, chunkIndex: 3, part: 'ALL' }],
        },
      ]);
      expect(stats.consumers).toMatchObject({
        ...{ active: 2, busy: 1, min: 1, max: 4 },
        lastDecision: { workerId: id, from: 1, to: 2, reason: 'much to do' },
      });
      await db.model(Worker).updateOne({ _id: id }, { $set: { aliveUntil: secondsAgo(1) } });
      await eventually(async () => (await statsOf(fixture)).workers.length === 0);
    }));

  it('count what waits, by organization', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const { organizationId } = tenant;
      const other = await createTenant(db);
      await storeJob(db, { organizationId }, { createdAt: secondsAgo(50), cost: 4 });
      await storeJob(db, { organizationId }, { cost: 6 });
      await storeJob(db, { organizationId }, { kind: 'FINISH', createdAt: secondsAgo(5_000), cost: 1 });
      const later = { state: 'WAITING', availableAt: new Date(Date.now() + 60_000), cost: 2 } as const;
      await storeJob(db, { organizationId }, later);
      await storeJob(db, { organizationId }, { kind: 'FINISH', state: 'WAITING' });
      await storeJob(db, { organizationId }, { state: 'DONE' });
      await storeJob(db, other, { cost: 100, createdAt: secondsAgo(20) });
      const { queue } = await statsOf(fixture);
      expect(queue).toMatchObject({ depth: 5, dueNow: 4, workSecondsQueued: 113 });
      expect(Math.floor((queue.oldestWaitingSeconds ?? 0) / 10)).toBe(5);
      expect(queue.perOrganization).toMatchObject([
        { organizationId: other.organizationId, depth: 1, dueNow: 1, workSecondsQueued: 100 },
        { organizationId, depth: 4, dueNow: 3, workSecondsQueued: 13 },
      ]);
    }));

  it('tell what was processed in an hour and in a day', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, tenant } = fixture;
      const { organizationId } = tenant;
      const source = { filename: 'a.mp4', sizeBytes: 1, durationSeconds: 60 };
      const ended = (ago: number, took: number, change: Partial<Video> = {}) =>
        storeVideo(db, tenant, {
          ...{ status: 'READY', source, endedAt: secondsAgo(ago), queuedAt: secondsAgo(ago + took) },
          playableAt: secondsAgo(ago + took - 5),
          ...change,
        });
      await ended(60, 20);
      await ended(120, 40);
      await ended(7_200, 60);
      await ended(90_000, 60);
      await ended(60, 20, { status: 'FAILED', playableAt: undefined });
      await ended(7_200, 20, { status: 'STOPPED', playableAt: undefined });
      await storeJob(db, { organizationId }, { retriedAt: secondsAgo(10) });
      await storeJob(db, { organizationId }, { retriedAt: secondsAgo(7_200) });
      const { processing } = await statsOf(fixture);
      expect(processing.lastHour).toMatchObject({
        ...{ done: 2, failed: 1, stopped: 0, retried: 1, meanSpeed: 2, timeToPlayableSamples: 2 },
      });
      expect(processing.lastDay).toMatchObject({
        ...{ done: 3, failed: 1, stopped: 1, retried: 2, meanSpeed: 1.5, timeToPlayableSamples: 3 },
      });
      expect(processing.lastDay.timeToPlayableP50Seconds).toBeCloseTo(5, 1);
      const indexed = [
        { endedAt: { $gte: secondsAgo(100_000) } },
        { playableAt: { $gte: secondsAgo(100_000) } },
      ];
      for (const condition of indexed) {
        const plan = await db.model(Video).find(condition, { _id: 0, queuedAt: 1 }).explain('executionStats');
        const { executionStats } = plan as unknown as { executionStats: Record<string, number> };
        expect(executionStats['totalDocsExamined']).toBe(0);
        expect(executionStats['nReturned']).toBeGreaterThan(3);
      }
    }));

  it('count the dead letters that wait for a decision', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      await storeLetter(fixture.db);
      await storeLetter(fixture.db, { state: 'DISCARDED' });
      expect((await statsOf(fixture)).deadLetters).toBe(1);
    }));

  it('know the lag while Kafka tells it, and do without', async () => {
    await withGateway({}, async (fixture) => {
      const { broker } = fixture;
      const groupId = `test-${randomUUID()}`;
      const onMessages = () => undefined;
      // Its first reader creates the topic.
      const reader = { topic: topics.processing, groupId, fromBeginning: false, onMessages };
      await (await broker.consume(reader)).close();
      expect((await statsOf(fixture)).queue.lag).toEqual(expect.any(Number));
      await broker.deleteGroup(groupId);
    });
    await withGateway({ kafka: 'down' }, async (fixture) => {
      expect((await statsOf(fixture)).queue.lag).toBeNull();
    });
  }, 30_000);
});

/** What a subscription delivers, in the order it comes. */
async function* follow({ url, adminKey: key }: GatewayFixture): AsyncGenerator<AdminStats> {
  const client = connect({ url, key });
  try {
    const query = `subscription { adminStats { ${fields} } } ${figures}`;
    for await (const { data } of client.iterate<{ adminStats: AdminStats }>({ query })) {
      if (data) yield data.adminStats;
    }
  } finally {
    await client.dispose();
  }
}

describe('the subscription to statistics', () => {
  it('starts with now, and goes on while they change', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const seen: AdminStats[] = [];
      for await (const stats of follow(fixture)) {
        seen.push(stats);
        if (seen.length === 1) await storeLetter(fixture.db);
        if (stats.deadLetters === 1) break;
      }
      expect(seen[0]?.deadLetters).toBe(0);
      const times = seen.map(({ at }) => new Date(at).getTime());
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    }));
});

describe('whoever is not an administrator', () => {
  const operations = [
    '{ adminStats { at } }',
    '{ jobs(videoId: "x") { id } }',
    '{ deadLetters { edges { cursor } } }',
    '{ auditLog { edges { cursor } } }',
    'mutation { replayDeadLetter(id: "x") { id } }',
    'mutation { replayDeadLetters { replayed } }',
    'mutation { discardDeadLetter(id: "x") { id } }',
    'mutation { drainWorker(id: "x") { id } }',
    'mutation { pauseProcessing { paused } }',
    'mutation { resumeProcessing { paused } }',
    'mutation { setVideoPriority(id: "x", priority: HIGH) { id } }',
  ];

  it('is refused every operation, and nothing is done', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant, db }) => {
      for (const operation of operations) {
        const { errors } = await ask({ url, key: tenant.key }, operation);
        const scope = operation.includes('auditLog') ? 'audit:read' : 'admin';
        expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', scope } }]);
        const unknown = await ask({ url }, operation);
        expect(unknown).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      }
      for (const name of ['auditLog', 'dispatchControl']) {
        expect(await db.connection.collection(name).countDocuments()).toBe(0);
      }
      const client = connect({ url, key: tenant.key });
      const events = client.iterate({ query: 'subscription { adminStats { at } }' });
      expect(await events.next()).toMatchObject({
        value: { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
      });
      await client.dispose();
    }));
});
