import { describe, expect, it } from '@jest/globals';
import { createJobQueue, type NewJob } from '../../platform/job-queue.js';
import type { Database } from '../../platform/mongo.js';
import { createWorkForecast, type WorkForecast } from '../../platform/queued-work.js';
import { createSpeedStore, type SpeedStore } from '../../platform/work-speed.js';
import { createJobStore, type JobStore } from '../../processor/pool/job-store.js';
import { DispatchClock, DispatchControl, Flow } from '../../schema/dispatch-state.js';
import { newId } from '../../schema/ids.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import { Worker } from '../../schema/worker.js';
import { withTestDatabase } from '../support/test-database.js';

interface Fixture {
  db: Database;
  speed: SpeedStore;
  store: JobStore;
  /** A forecast that remembers nothing yet. */
  forecast: () => WorkForecast;
  /** Queues chunks of 10 seconds and 1,000 weighted pixels each; resolves to their video. */
  addVideo: (chunks: number, jobClass?: NewJob['jobClass']) => Promise<string>;
  addWorker: (slots: number, part?: Partial<Worker>) => Promise<unknown>;
}

const silent = { publish: () => Promise.resolve(true), close: () => Promise.resolve() };
const owner = { organizationId: 'org_a', generation: 1, priority: 'NORMAL' } as const;

function withForecast(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  return withTestDatabase([Job, Flow, DispatchClock, Worker], async (db) => {
    const queue = createJobQueue({ db, publisher: silent });
    const speed = createSpeedStore({ db });
    await work({
      ...{ db, speed, store: createJobStore({ db, leaseSeconds: 30 }) },
      forecast: () => createWorkForecast({ db, speed }),
      async addVideo(chunks, jobClass = 'REST') {
        const videoId = newId('video');
        const jobs = Array.from({ length: chunks }, (_, chunkIndex): NewJob => {
          const chunk = { chunkIndex, part: 'ALL' as const, trackNames: ['v240'], frames: 100, seconds: 4 };
          const prediction = { cost: 10, work: 1_000 };
          return { kind: JobKind.CHUNK, state: JobState.QUEUED, jobClass, ...prediction, chunk };
        });
        await db.transaction((session) => queue.enqueue({ ...owner, videoId }, jobs, session));
        return videoId;
      },
      addWorker: (slots, part = {}) =>
        db.model(Worker).create({
          ...{ _id: newId('worker'), host: 'here', pid: 1, startedAt: new Date() },
          ...{ aliveUntil: new Date(Date.now() + 60_000), slots, busy: 0, minSlots: 1, maxSlots: 8 },
          ...part,
        }),
    });
  });
}

describe('the measured speed', () => {
  it('starts from what was expected, and follows long chunks more than short ones', () =>
    withForecast(async ({ speed }) => {
      expect(await speed.measured()).toBeUndefined();
      // Half a second that was mostly spent on starting.
      await speed.learn({ work: 5, seconds: 0.5, expected: 100 });
      expect(await speed.measured()).toBeCloseTo(98.5, 1);
      await speed.learn({ work: 30 * 200, seconds: 30, expected: 1 });
      expect(await speed.measured()).toBeCloseTo(149, 0);
    }));

  it('misses no chunk of those that end at the same time', () =>
    withForecast(async ({ speed }) => {
      const chunk = { work: 30 * 200, seconds: 30, expected: 100 };
      await Promise.all(Array.from({ length: 10 }, () => speed.learn(chunk)));
      expect(await speed.measured()).toBeCloseTo(200 - 100 / 2 ** 10, 3);
    }));

  it('learns nothing from jobs without a size', () =>
    withForecast(async ({ speed }) => {
      await speed.learn({ work: 0, seconds: 5, expected: 100 });
      expect(await speed.measured()).toBeUndefined();
    }));
});

describe('what is queued', () => {
  it('counts in seconds of one slot, by the speed measured', () =>
    withForecast(async ({ db, forecast, speed, addVideo, store }) => {
      expect(await forecast().queued()).toEqual({ jobs: 0, urgentJobs: 0, seconds: 0 });
      await addVideo(4);
      await addVideo(1, 'LEAD');
      expect(await forecast().queued()).toEqual({ jobs: 5, urgentJobs: 1, seconds: 50 });
      await speed.learn({ work: 1, seconds: 1, expected: 1_000 });
      await speed.learn({ work: 1e9 * 200, seconds: 1e9, expected: 0 });
      expect((await forecast().queued()).seconds).toBeCloseTo(25, 3);
      await db.model(Job).updateOne({ jobClass: 'LEAD' }, { $unset: { work: 1 } });
      expect((await forecast().queued()).seconds).toBeCloseTo(4 * 5 + 10, 3);
      await store.claim('worker_a');
      expect(await forecast().queued()).toMatchObject({ jobs: 4 });
    }));

  it('is looked up once a second at most', () =>
    withForecast(async ({ forecast, addVideo }) => {
      const remembering = forecast();
      const before = await remembering.queued();
      await addVideo(1);
      expect(await remembering.queued()).toBe(before);
    }));
});

describe('the time left for a video', () => {
  it('is what goes before its last chunk and what runs, shared by the slots there are', () =>
    withForecast(async ({ db, forecast, addVideo, addWorker, store }) => {
      const first = await addVideo(6);
      const second = await addVideo(3);
      await addWorker(2);
      await addWorker(1);
      await addWorker(5, { isDraining: true });
      await addWorker(5, { aliveUntil: new Date(0) });
      expect(await forecast().secondsLeft(first)).toBe(20);
      expect(await forecast().secondsLeft(second)).toBe(30);

      const running = await store.claim('worker_a');
      await db.model(Job).updateOne({ _id: running?._id }, { $set: { framesDone: 70 } });
      expect(await forecast().secondsLeft(first)).toBe(Math.ceil((50 + 3) / 3));
    }));

  it('is not shortened by slots that have nothing to do', () =>
    withForecast(async ({ forecast, addVideo, addWorker }) => {
      const videoId = await addVideo(2);
      await addWorker(16);
      expect(await forecast().secondsLeft(videoId)).toBe(10);
    }));

  it('is unknown where nobody can tell', () =>
    withForecast(async ({ db, forecast, addVideo, addWorker }) => {
      const videoId = await addVideo(2);
      expect(await forecast().secondsLeft(videoId)).toBeUndefined();
      await addWorker(1);
      expect(await forecast().secondsLeft('video_of_nobody')).toBeUndefined();
      const planned = newId('video');
      const queue = createJobQueue({ db, publisher: silent });
      await db.transaction((session) => queue.enqueuePlan({ ...owner, videoId: planned }, session));
      expect(await forecast().secondsLeft(planned)).toBeUndefined();
      expect(await forecast().secondsLeft(videoId)).toBeGreaterThan(0);
      await db.model(DispatchControl).create({ _id: 'control', isPaused: true, changedAt: new Date() });
      expect(await forecast().secondsLeft(videoId)).toBeUndefined();
    }));
});
