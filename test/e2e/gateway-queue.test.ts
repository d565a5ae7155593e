import { describe, expect, it } from '@jest/globals';
import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import { Worker } from '../../schema/worker.js';
import { ask } from './gateway-client.js';
import { withGateway } from './gateway-fixture.js';
import { progressAt, storeVideo } from './gateway-videos.js';

const progressQuery = 'query ($id: ID!) { video(id: $id) { progress { stage etaSeconds } } }';
type Answer = { video: { progress: { etaSeconds: number | null } } };

/** Queues chunks of 10 predicted seconds each. */
const addChunks = (db: Database, videoId: string, count: number) =>
  db.model(Job).create(
    Array.from({ length: count }, (_, chunkIndex): Partial<Job> => ({
      ...{ _id: newId('job'), kind: JobKind.CHUNK, state: JobState.QUEUED, jobClass: 'LEAD' },
      ...{ organizationId: 'org_a', videoId, generation: 1, rank: chunkIndex, seq: chunkIndex, cost: 10 },
      chunk: { chunkIndex, part: 'ALL', trackNames: ['v240'], frames: 100, seconds: 4 },
    })),
  );

const addWorker = (db: Database, slots: number) =>
  db.model(Worker).create({
    ...{ _id: newId('worker'), host: 'here', pid: 1, startedAt: new Date() },
    ...{ aliveUntil: new Date(Date.now() + 60_000), slots, busy: 0, minSlots: 1, maxSlots: slots },
  });

describe('the time left for a video', () => {
  it('is told while its chunks wait and none is at work', () =>
    withGateway({ kafka: 'silent' }, async ({ db, tenant, url }) => {
      const eta = async (id: string) => {
        const { data } = await ask<Answer>({ url, key: tenant.key }, progressQuery, { id });
        return data?.video.progress.etaSeconds;
      };
      await addWorker(db, 2);
      const starved = await storeVideo(db, tenant);
      await addChunks(db, starved, 6);
      expect(await eta(starved)).toBe(30);

      const known = await storeVideo(db, tenant, { progress: { ...progressAt(new Date()), etaSeconds: 7 } });
      await addChunks(db, known, 6);
      expect(await eta(known)).toBe(7);
      const idle = await storeVideo(db, tenant);
      expect(await eta(idle)).toBeNull();
      const unplanned = await storeVideo(db, tenant, {
        progress: { ...progressAt(new Date()), stage: 'QUEUED' },
      });
      expect(await eta(unplanned)).toBeNull();
    }));
});
