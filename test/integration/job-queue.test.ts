import { describe, expect, it } from '@jest/globals';
import { createJobQueue, type JobQueue, type NewJob } from '../../platform/job-queue.js';
import type { Database } from '../../platform/mongo.js';
import { createJobStore, type JobStore } from '../../processor/pool/job-store.js';
import { DispatchClock, Flow } from '../../schema/dispatch-state.js';
import { newId } from '../../schema/ids.js';
import { Job, JobKind, JobState, type JobClass } from '../../schema/job.js';
import { withTestDatabase } from '../support/test-database.js';

const silent = { publish: () => Promise.resolve(true), close: () => Promise.resolve() };
const worker = 'worker_test';

interface Fixture {
  db: Database;
  queue: JobQueue;
  store: JobStore;
  add: (organizationId: string, count: number, jobClass?: JobClass) => Promise<string[]>;
}

async function withQueue(work: (fixture: Fixture) => Promise<void>, leaseSeconds = 30): Promise<void> {
  await withTestDatabase([Job, Flow, DispatchClock], async (db) => {
    const queue = createJobQueue({ db, publisher: silent });
    const store = createJobStore({ db, leaseSeconds });
    const add: Fixture['add'] = (organizationId, count, jobClass = 'REST') => {
      const owner = { organizationId, videoId: newId('video'), generation: 1, priority: 'NORMAL' as const };
      const jobs = Array.from({ length: count }, (_, chunkIndex): NewJob => {
        const chunk = { chunkIndex, part: 'ALL' as const, trackNames: ['v240'], frames: 100, seconds: 4 };
        return { kind: JobKind.CHUNK, state: JobState.QUEUED, jobClass, cost: 1, chunk };
      });
      return db.transaction((session) => queue.enqueue(owner, jobs, session));
    };
    await work({ db, queue, store, add });
  });
}

const expire = (db: Database, jobId: string) =>
  db.model(Job).updateOne({ _id: jobId }, { $set: { leaseUntil: new Date(0) } });

describe('the job queue', () => {
  it('gives each job to one claimer, however many claim at once', () =>
    withQueue(async ({ store, add }) => {
      const added = await add('org_a', 40);
      const claims = await Promise.all(Array.from({ length: 50 }, () => store.claim(worker)));
      const claimed = claims.flatMap((job) => (job ? [job._id] : []));
      expect(claimed.toSorted()).toEqual(added.toSorted());
    }));

  it('does not let a large backlog delay a small organization', () =>
    withQueue(async ({ store, add }) => {
      await add('org_large', 200);
      for (let i = 0; i < 20; i += 1) await store.claim(worker);
      await add('org_small', 5);
      const order: string[] = [];
      for (let i = 0; i < 12; i += 1) order.push((await store.claim(worker))?.organizationId ?? 'none');
      expect(order.filter((organization) => organization === 'org_small')).toHaveLength(5);
    }));

  it('keeps jobs that lost a worker from whoever works on such a one', () =>
    withQueue(async ({ db, store, add }) => {
      const [first = ''] = await add('org_a', 2);
      await store.claim(worker);
      await expire(db, first);
      const [lost] = await store.expired(1);
      if (!lost) throw new Error('nothing has expired');
      expect(await store.takeBack(lost)).toBe(true);
      const second = await store.claim(worker, { lane: 'PROCESS', withSuspects: false });
      expect(second?._id).not.toBe(first);
      expect(await store.claim(worker, { lane: 'PROCESS', withSuspects: false })).toBeUndefined();
      expect((await store.claim(worker, { lane: 'PROCESS', withSuspects: true }))?._id).toBe(first);
    }));

  it('takes what starts playback first, however long the backlog of the same organization', () =>
    withQueue(async ({ store, add, queue }) => {
      await add('org_a', 3, 'REST');
      await add('org_a', 2, 'LEAD');
      const [urgent] = await add('org_a', 1, 'URGENT');
      expect((await store.claim(worker))?._id).toBe(urgent);
      expect(await store.claim(worker)).toMatchObject({ jobClass: 'LEAD' });
      expect(await queue.position('video_unknown')).toBeUndefined();
    }));

  it('lets a video of high priority pass the backlog of its own organization, and no other one', () =>
    withQueue(async ({ db, store, add, queue }) => {
      await add('org_a', 20, 'URGENT');
      const [last = ''] = await add('org_a', 1, 'REST');
      await add('org_b', 20, 'URGENT');
      const job = await db.model(Job).findById(last).lean();
      if (!job) throw new Error('not stored');
      const { videoId, organizationId, generation } = job;
      await queue.rerank({ videoId, organizationId, generation, priority: 'HIGH' });
      const claimed: (Job | undefined)[] = [];
      for (let i = 0; i < 7; i += 1) claimed.push(await store.claim(worker));
      const ofA = claimed.filter((found) => found?.organizationId === 'org_a');
      expect(ofA[0]).toMatchObject({ _id: last, priority: 'HIGH' });
      expect(ofA).toHaveLength(4);
    }));

  it('tells the place in the order of claims', () =>
    withQueue(async ({ db, store, add, queue }) => {
      await add('org_a', 3);
      const [last] = await add('org_a', 1);
      const job = await db.model(Job).findById(last).lean();
      expect(await queue.position(job?.videoId ?? '')).toBe(4);
      await store.claim(worker);
      expect(await queue.position(job?.videoId ?? '')).toBe(3);
    }));
});

describe('a claim', () => {
  it('is fenced: a worker whose lease ran out changes nothing', () =>
    withQueue(async ({ db, store, add }) => {
      const [id = ''] = await add('org_a', 1);
      const zombie = await store.claim('worker_zombie');
      await expire(db, id);
      const [lost] = await store.expired(10);
      if (!lost) throw new Error('not expired');
      expect(await store.takeBack(lost)).toBe(true);
      expect(await store.takeBack(lost)).toBe(false);
      const heir = await store.claim('worker_heir');
      expect(heir).toMatchObject({ _id: id, attempt: 2 });
      if (!zombie || !heir) throw new Error('not claimed');

      expect(await store.renew(zombie, { framesDone: 99, framesPerSecond: 1 })).toBe(false);
      expect(await store.release(zombie, { delayMs: 0, outcome: 'RELEASED' })).toBe(false);
      const late = db.transaction((session) => store.complete(zombie, undefined, session));
      await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });

      await db.transaction((session) => store.complete(heir, undefined, session));
      const job = await db.model(Job).findById(id).lean();
      expect(job).toMatchObject({ state: 'DONE', attempt: 2, framesDone: 0 });
      expect(job?.runs.map(({ workerId, outcome }) => [workerId, outcome])).toEqual([
        ['worker_zombie', 'LOST'],
        ['worker_heir', 'DONE'],
      ]);
    }));

  it('is kept by renewing it', () =>
    withQueue(async ({ db, store, add }) => {
      const [id = ''] = await add('org_a', 1);
      const job = await store.claim(worker);
      await expire(db, id);
      expect(await store.renew(job ?? { _id: '', attempt: 0 })).toBe(true);
      expect(await store.expired(10)).toEqual([]);
    }));

  it('that its worker renews in the last moment is not taken back', () =>
    withQueue(async ({ db, store, add }) => {
      const [id = ''] = await add('org_a', 1);
      const job = await store.claim(worker);
      await expire(db, id);
      const [lost] = await store.expired(10);
      if (!lost || !job) throw new Error('not expired');
      await store.renew(job);
      expect(await store.takeBack(lost)).toBe(false);
      const failing = db.transaction((session) => store.failLost(lost, session));
      await expect(failing).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await store.isDone(job)).toBe(false);
      await db.transaction((session) => store.complete(job, undefined, session));
      expect(await store.isDone(job)).toBe(true);
    }));

  it('that is released with a delay waits, and is queued when its time has come', () =>
    withQueue(async ({ db, store, add }) => {
      const [id = ''] = await add('org_a', 1);
      const job = await store.claim(worker);
      await store.release(job ?? { _id: '', attempt: 0 }, {
        delayMs: 60_000,
        outcome: 'FAILED',
        errorCode: 'SOURCE_UNREACHABLE',
      });
      expect(await store.promoteDue()).toBe(0);
      expect(await store.claim(worker)).toBeUndefined();
      await db.model(Job).updateOne({ _id: id }, { $set: { availableAt: new Date(0) } });
      expect(await store.promoteDue()).toBe(1);
      expect(await store.claim(worker)).toMatchObject({ _id: id, attempt: 2 });
    }));

  it('cannot be finished twice', () =>
    withQueue(async ({ db, store, add }) => {
      await add('org_a', 1);
      const job = await store.claim(worker);
      if (!job) throw new Error('not claimed');
      const finish = () => db.transaction((session) => store.complete(job, undefined, session));
      const ends = await Promise.allSettled([finish(), finish()]);
      expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    }));
});

describe('claims of a long queue', () => {
  it('read one index entry, not the queue', () =>
    withQueue(async ({ db, add }) => {
      await add('org_a', 500);
      const plan = await db
        .model(Job)
        .find({ state: JobState.QUEUED })
        .sort({ rank: 1, seq: 1 })
        .limit(1)
        .explain('executionStats');
      const { executionStats } = plan as unknown as { executionStats: { totalKeysExamined: number } };
      expect(executionStats.totalKeysExamined).toBe(1);
    }));
});
