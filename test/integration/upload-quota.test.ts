import { describe, expect, it } from '@jest/globals';
import { createOrganizationLimitsStore } from '../../platform/quota/organization-limits-store.js';
import { createUploadQuota } from '../../platform/quota/upload-quota.js';
import { createUsageStore } from '../../platform/quota/usage-store.js';
import { UPLOAD_LEASE_MS } from '../../gateway/uploads/upload-progress.js';
import { type BegunUpload, createIntake, type NewUpload } from '../../platform/intake.js';
import { createJobQueue } from '../../platform/job-queue.js';
import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { Organization, type OrganizationLimits } from '../../schema/organization.js';
import type { Project } from '../../schema/project.js';
import { DispatchClock, Flow } from '../../schema/dispatch-state.js';
import { Job } from '../../schema/job.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { Video } from '../../schema/video.js';
import { withTestDatabase } from '../support/test-database.js';

interface Fixture {
  db: Database;
  project: Project;
  clock: { now: number };
  begin: (own?: Partial<NewUpload>) => Promise<BegunUpload>;
  usage: ReturnType<typeof createUsageStore>;
  /** Stores the end of an upload. */
  receive: (videoId: string, sizeBytes: number) => Promise<unknown>;
}

const upload = { method: 'MULTIPART', title: 'A film', filename: 'a.mp4', sender: { id: 'key_a' } } as const;

/** Runs `work` on an organization with these limits. */
async function withLimits(limits: OrganizationLimits, work: (fixture: Fixture) => Promise<void>) {
  await withTestDatabase([Organization, Video, UploadEntry, Job, Flow, DispatchClock], async (db) => {
    const project = { _id: newId('project'), organizationId: newId('org'), name: 'A' } as Project;
    await db.model(Organization).create({ _id: project.organizationId, name: 'A', limits });
    const clock = { now: Date.now() };
    const now = () => clock.now;
    const usage = createUsageStore({ db, now });
    const quota = createUploadQuota({ limits: createOrganizationLimitsStore({ db }), usage });
    const publisher = { publish: () => Promise.resolve(false), close: () => Promise.resolve() };
    const intake = createIntake({ db, quota, queue: createJobQueue({ db, publisher }), publisher, now });
    const begin: Fixture['begin'] = (own) =>
      intake.begin(
        { ...upload, project, ...own },
        { uploadStatus: 'RECEIVING', uploadLeaseUntil: new Date(clock.now + UPLOAD_LEASE_MS) },
      );
    const receive = (videoId: string, sizeBytes: number) =>
      db.transaction((session) => intake.received(videoId, { filename: 'a.mp4', sizeBytes }, session));
    await work({ db, project, clock, begin, usage, receive });
  });
}

const exceeded = (limit: string): unknown =>
  expect.objectContaining({ code: 'QUOTA_EXCEEDED', details: expect.objectContaining({ limit }) });

describe('the uploads of a limited organization', () => {
  it.each([1, 3])('that begin at once are %s at most', (simultaneousUploads) =>
    withLimits({ simultaneousUploads }, async ({ begin, project, usage, db }) => {
      const begun = await Promise.allSettled(Array.from({ length: 8 }, () => begin()));
      const refused = begun.filter((result) => result.status === 'rejected');
      expect(refused).toHaveLength(8 - simultaneousUploads);
      for (const { reason } of refused) expect(reason).toEqual(exceeded('simultaneousUploads'));
      expect((await usage.read(project.organizationId)).uploadsNow).toBe(simultaneousUploads);
      expect(await db.model(Video).countDocuments()).toBe(simultaneousUploads);
    }),
  );

  it('make room for others when they end, or when their gateway has died', () =>
    withLimits({ simultaneousUploads: 1 }, async ({ begin, receive, clock }) => {
      const { video } = await begin();
      await expect(begin()).rejects.toEqual(exceeded('simultaneousUploads'));
      await receive(video._id, 10);
      await begin();
      await expect(begin()).rejects.toEqual(exceeded('simultaneousUploads'));
      clock.now += UPLOAD_LEASE_MS + 1;
      await begin();
    }));

  it('cannot each take all that is left of the storage', () =>
    withLimits({ storedBytes: 100 }, async ({ begin, project, receive, usage, db }) => {
      const begun = await Promise.all([1, 2, 3].map(() => begin()));
      expect(begun.map(({ storageLeft }) => storageLeft?.bytes)).toEqual([100, 100, 100]);
      const ended = await Promise.allSettled(begun.map(({ video }) => receive(video._id, 60)));
      const refused = ended.filter((result) => result.status === 'rejected');
      expect(refused.map(({ reason }) => reason as unknown)).toEqual([
        exceeded('storedBytes'),
        exceeded('storedBytes'),
      ]);
      expect((await usage.read(project.organizationId)).storedBytes).toBe(60);
      expect(await db.model(Video).countDocuments({ uploadStatus: 'RECEIVING' })).toBe(2);
    }));

  it('of another one do not count', () =>
    withLimits({ simultaneousUploads: 1 }, async ({ begin, project, usage }) => {
      const other = { ...project, organizationId: newId('org') };
      await begin({ project: other });
      await begin({ project: other });
      await begin();
      expect((await usage.read(other.organizationId)).uploadsNow).toBe(2);
    }));
});

describe('what an organization uses', () => {
  it('is the bytes of all that is received, and the minutes of this month', () =>
    withLimits({}, async ({ db, project, begin, usage, receive, clock }) => {
      const store = async (at: string, durationSeconds?: number) => {
        clock.now = Date.parse(at);
        const { video } = await begin();
        await receive(video._id, 1_000);
        const probed = { $set: { 'source.durationSeconds': durationSeconds } };
        if (durationSeconds !== undefined) await db.model(Video).updateOne({ _id: video._id }, probed);
      };
      await store('2026-02-28T23:59:59Z', 6_000);
      await store('2026-03-01T00:00:00Z', 90);
      await store('2026-03-31T23:59:59Z', 60);
      await store('2026-03-31T23:59:59Z');
      await begin();
      expect(await usage.read(project.organizationId)).toEqual({
        ...{ storedBytes: 4_000, minutesThisMonth: 2.5, uploadsNow: 1 },
      });
      expect(await usage.read(newId('org'))).toEqual({ storedBytes: 0, minutesThisMonth: 0, uploadsNow: 0 });
    }));

  it('is read from the index alone', () =>
    withLimits({}, async ({ db, project, begin, usage, receive }) => {
      const { video } = await begin();
      await receive(video._id, 10);
      const { connection } = db;
      await connection.db?.command({ profile: 2 });
      await usage.read(project.organizationId);
      await connection.db?.command({ profile: 0 });
      const profiled = await connection
        .collection('system.profile')
        .findOne({ 'command.aggregate': 'videos' });
      expect(profiled).toMatchObject({ docsExamined: 0, keysExamined: expect.any(Number) });
    }));
});
