import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { connectBlobContainer } from '../../platform/blob.js';
import { createRemovalSweep } from '../../platform/blob-removals.js';
import { createDeletions } from '../../platform/deletions.js';
import { createIntake } from '../../platform/intake.js';
import { createPurgeSweep } from '../../platform/purges.js';
import { createUsageStore } from '../../platform/quota/usage-store.js';
import { createWithdrawalSweep } from '../../platform/withdrawals.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { DeadLetter } from '../../schema/dead-letter.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import { UploadStatus, VideoStatus } from '../../schema/enums.js';
import { newId } from '../../schema/ids.js';
import { Job } from '../../schema/job.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { Video } from '../../schema/video.js';
import { type GenerationsFixture, owner, withGenerations } from '../support/generations-fixture.js';
import { quietLog, stackSetting } from '../support/test-database.js';

const HOUR_MS = 3_600_000;
const source = { filename: 'film.mp4', sizeBytes: 1_000, durationSeconds: 60 };

/** Deletions as all processes have them, with containers of their own. */
async function deletionsOf({ db, generations, queue, publisher }: GenerationsFixture) {
  const connectionString = stackSetting('AZURE_STORAGE_CONNECTION_STRING');
  const open = () => connectBlobContainer({ connectionString, container: `test-${randomUUID()}` });
  const [hls, uploads] = [open(), open()];
  await Promise.all([hls.ensure(), uploads.ensure(), db.ensureIndexes([DeletedVideo, UploadEntry])]);
  const deletions = createDeletions({ db, generations });
  const admit = { admit: () => Promise.resolve(undefined), storageLeft: () => Promise.resolve(undefined) };
  const quota = { ...admit, checkStored: () => Promise.resolve() };
  const files = async () => {
    const names: string[] = [];
    for (const container of [hls, uploads]) {
      for await (const { name } of container.list('')) names.push(name);
    }
    return names.toSorted();
  };
  const sweeps = [
    createWithdrawalSweep({ db, hls }),
    createPurgeSweep({ db, deletions, log: quietLog }),
    createRemovalSweep({ db, containers: { hls, uploads }, log: quietLog }),
  ];
  return {
    ...{ hls, files, intake: createIntake({ db, quota, queue, publisher }) },
    usage: () => createUsageStore({ db }).read(owner.organizationId),
    /** Stores what a video of one READY generation has. */
    store: async (videoId: string): Promise<string[]> => {
      const names = [`${videoId}/1/master.m3u8`, `${videoId}/1/v240/s00000.1.m4s`];
      const put = { contentType: 'text/plain' };
      await Promise.all([
        ...names.map((name) => hls.put(name, Buffer.from('x'), put)),
        uploads.put(`${videoId}/source`, Buffer.from('x'), put),
      ]);
      return [...names, `${videoId}/source`];
    },
    delete: (videoId: string, graceMs = 0) =>
      db.transaction((session) => deletions.delete(videoId, graceMs, session)),
    restore: (videoId: string) => db.transaction((session) => deletions.restore(videoId, session)),
    /** One round of what every gateway does, as if every pause were over. */
    sweep: async () => {
      await db.model(BlobRemoval).updateMany({}, { $set: { dueAt: new Date() } });
      await db
        .model(DeletedVideo)
        .updateMany({ withdrawAt: { $exists: true } }, { $set: { withdrawAt: new Date() } });
      for (const each of sweeps) await each();
    },
  };
}

const ready = { status: VideoStatus.READY, endedAt: new Date(0), receivedAt: new Date(), source };

describe('a video that is deleted', () => {
  it('is gone for everybody at once, and every file of it whoever sweeps', () =>
    withGenerations(async (fixture) => {
      const { db, queue, store: jobStore } = fixture;
      const { files, store, usage, sweep, ...deletions } = await deletionsOf(fixture);
      const ref = await fixture.addVideo({ receivedAt: new Date(), source });
      const other = await fixture.addVideo(ready);
      await store(ref.videoId);
      const kept = await store(other.videoId);
      await db.transaction((session) => queue.enqueuePlan({ ...owner, ...ref }, session));
      const claim = await jobStore.claim('worker_a');
      await db.model(DeadLetter).create({
        ...{ _id: newId('dead'), source: 'x', state: 'OPEN', videoId: ref.videoId, code: 'INTERNAL' },
        ...{ message: 'No.', attempts: 1, origin: {}, isPublished: true },
      });

      const gone = await deletions.delete(ref.videoId);
      expect(gone).toMatchObject({ wasUnfinished: true, video: { status: 'STOPPED', playable: false } });
      expect(await deletions.delete(ref.videoId)).toBeUndefined();
      expect(await deletions.restore(ref.videoId)).toBeUndefined();
      expect(await db.model(Video).distinct('_id')).toEqual([other.videoId]);
      expect(await db.model(Job).countDocuments()).toBe(0);
      expect(claim && (await jobStore.renew(claim))).toBe(false);
      expect(await db.model(DeadLetter).distinct('state')).toEqual(['DISCARDED']);
      // What came in this month has come in; what is stored is not any more.
      expect(await usage()).toMatchObject({ storedBytes: 1_000, minutesThisMonth: 2 });

      await sweep();
      expect(await files()).toEqual(kept.toSorted());
      // A worker that has not heard of it yet.
      await store(ref.videoId);
      await sweep();
      expect(await files()).toEqual(kept.toSorted());
    }));

  it('can be restored as it was within its grace, is not played meanwhile, and is purged after it', () =>
    withGenerations(async (fixture) => {
      const { db } = fixture;
      const { files, store, usage, sweep, ...deletions } = await deletionsOf(fixture);
      const { videoId } = await fixture.addVideo({ ...ready, plan: { version: 1 } as Video['plan'] });
      const stored = await store(videoId);
      const everything = () => db.model(Video).findById(videoId).select('+plan').lean<Video>();
      const before = await everything();
      const mark = `${videoId}/withdrawn`;

      for (let round = 0; round < 2; round += 1) {
        await deletions.delete(videoId, HOUR_MS);
        expect(await everything()).toBeNull();
        await sweep();
        expect(await files()).toEqual([...stored, mark].toSorted());
        expect(await usage()).toMatchObject({ storedBytes: 1_000, minutesThisMonth: 1 });

        await deletions.restore(videoId);
        await sweep();
        expect(await files()).toEqual(stored.toSorted());
        const after = await everything();
        const { progress, updatedAt } = after ?? {};
        expect(after).toEqual({ ...before, progress, updatedAt });
        expect(progress?.sequence).toBe((before?.progress.sequence ?? 0) + 1 + round);
      }

      await deletions.delete(videoId, HOUR_MS);
      await db.model(DeletedVideo).updateOne({ _id: videoId }, { $set: { purgeAt: new Date() } });
      expect(await deletions.restore(videoId)).toBeUndefined();
      await sweep();
      expect(await files()).toEqual([]);
      expect(await usage()).toMatchObject({ storedBytes: 0, minutesThisMonth: 1 });
    }));

  it('comes back stopped where it was being made', () =>
    withGenerations(async (fixture) => {
      const deletions = await deletionsOf(fixture);
      const { videoId } = await fixture.addVideo();
      await deletions.delete(videoId, HOUR_MS);
      expect(await deletions.restore(videoId)).toMatchObject({ status: 'STOPPED', playable: false });
    }));

  it('takes its upload with it, whichever is first', () =>
    withGenerations(async (fixture) => {
      const { intake, ...deletions } = await deletionsOf(fixture);
      const { db } = fixture;
      for (let round = 0; round < 10; round += 1) {
        const { video } = await intake.begin(
          {
            ...{ project: { _id: 'project_a', organizationId: 'org_a' }, method: 'MULTIPART' },
            ...{ title: 'Film', filename: 'film.mp4', sender: { id: 'key_a' } },
          },
          { uploadStatus: UploadStatus.RECEIVING, uploadLeaseUntil: new Date(Date.now() + 30_000) },
        );
        const [received] = await Promise.all([
          db.transaction((session) => intake.received(video._id, source, session)),
          deletions.delete(video._id),
        ]);
        expect(await db.model(Video).exists({ _id: video._id })).toBeNull();
        expect(await db.model(Job).countDocuments({ videoId: video._id })).toBe(0);
        const entry = await db.model(UploadEntry).findOne({ videoId: video._id }).lean();
        expect(entry?.status).toBe(received ? 'RECEIVED' : 'FAILED');
      }
    }));

  it('wins against whatever else happens to it, and nothing is left', () =>
    withGenerations(async (fixture) => {
      const { db, generations, tracker } = fixture;
      const deletions = await deletionsOf(fixture);
      const made = { playableSeconds: 4, renditions: [] };
      for (let round = 0; round < 15; round += 1) {
        const ref = await fixture.addVideo();
        const { videoId } = ref;
        const graceMs = round % 2 ? HOUR_MS : 0;
        const [gone] = await Promise.all([
          deletions.delete(videoId, graceMs),
          db.transaction((session) => tracker.ready(ref, made, session)),
          db.transaction((session) => generations.reprocess(ref, {}, session)),
        ]);
        expect(gone).toBeDefined();
        expect(await db.model(Video).exists({ _id: videoId })).toBeNull();
        const states = await db.model(Job).distinct('state', { videoId });
        expect(states.filter((state) => state !== 'CANCELLED')).toEqual([]);
        const restored = await Promise.all([deletions.restore(videoId), deletions.restore(videoId)]);
        expect(restored.filter(Boolean)).toHaveLength(graceMs ? 1 : 0);
      }
    }));
});
