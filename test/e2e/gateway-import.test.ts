import { describe, expect, it } from '@jest/globals';
import { createGenerations } from '../../platform/generations.js';
import { createJobQueue } from '../../platform/job-queue.js';
import { createJobStore } from '../../processor/pool/job-store.js';
import { Job } from '../../schema/job.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { Video } from '../../schema/video.js';
import { ask } from './gateway-client.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';

const address = 'https://media.example/films/Summer%20film.mp4?sig=secret';

interface Imported {
  importVideo: { id: string; title: string; uploadStatus: string; status: string };
}

const importVideo = ({ url, tenant }: GatewayFixture, input: object) =>
  ask<Imported>(
    { url, key: tenant.key },
    'mutation ($input: ImportVideoInput!) { importVideo(input: $input) { id title uploadStatus status } }',
    { input: { projectId: tenant.projectId, ...input } },
  );

describe('importVideo', () => {
  it('answers at once with a video that waits for its source, once for a key', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db } = fixture;
      const input = { url: address, idempotencyKey: 'order 7' };
      const answers = await Promise.all([importVideo(fixture, input), importVideo(fixture, input)]);
      const [first] = answers;
      const videoId = first?.data?.importVideo.id;
      expect(answers.map(({ data }) => data?.importVideo.id)).toEqual([videoId, videoId]);
      expect(first?.data?.importVideo).toMatchObject({
        ...{ title: 'Summer film', uploadStatus: 'WAITING', status: 'QUEUED' },
      });
      const jobs = await db.model(Job).find().lean();
      expect(jobs).toMatchObject([{ kind: 'IMPORT', state: 'QUEUED', videoId }]);
      const entries = await db.model(UploadEntry).find().lean();
      expect(entries).toMatchObject([{ method: 'IMPORT', status: 'WAITING', filename: 'Summer film.mp4' }]);
      const video = await db.model(Video).findById(videoId).lean();
      expect(JSON.stringify([first, jobs, entries, video])).not.toContain('secret');
    }));

  it('refuses addresses that say themselves that they may not be read', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const codes: Record<string, unknown> = {};
      for (const url of [
        ...['', 'film.mp4', 'ftp://media.example/', 'https://a:b@media.example/', 'http://media.example:25/'],
        ...['http://0x7f.1/', 'http://2130706433/', 'http://[::ffff:7f00:1]/', 'http://169.254.169.254/'],
      ]) {
        const { errors } = await importVideo(fixture, { url });
        expect(errors?.[0]?.extensions).toMatchObject({ field: 'url' });
        codes[url] = errors?.[0]?.extensions.code;
      }
      const { '': empty, 'film.mp4': relative, ...others } = codes;
      expect([empty, relative]).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
      expect(new Set(Object.values(others))).toEqual(new Set(['SOURCE_FORBIDDEN']));
      expect(await fixture.db.model(Video).countDocuments()).toBe(0);
    }));

  it('stands in a line of its own, and is tried again from the start where it failed', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, publisher } = fixture;
      const { data } = await importVideo(fixture, { url: address });
      const videoId = data?.importVideo.id ?? '';
      const store = createJobStore({ db, leaseSeconds: 30 });
      expect(await store.claim('worker_a')).toBeUndefined();
      expect(await store.claim('worker_a', { lane: 'IMPORT', withSuspects: true })).toMatchObject({
        videoId,
      });
      const generations = createGenerations({ db, publisher, queue: createJobQueue({ db, publisher }) });
      const error = { code: 'SOURCE_UNREACHABLE', message: 'Out of reach.', retryable: true };
      await db.transaction((session) =>
        generations.end({ videoId, generation: 1 }, { status: 'FAILED', error }, session),
      );
      const logged = () => db.model(UploadEntry).findOne({ videoId }).lean();
      expect(await logged()).toMatchObject({ status: 'FAILED', errorCode: 'SOURCE_UNREACHABLE' });
      const restarted = await db.transaction((session) => generations.restart(videoId, session));
      expect(restarted?.video).toMatchObject({
        ...{ generation: 2, status: 'QUEUED', uploadStatus: 'WAITING', progress: { stage: 'UPLOADING' } },
      });
      expect(restarted?.video.uploadLeaseUntil).toBeUndefined();
      expect(await db.model(Job).findById(restarted?.jobId).lean()).toMatchObject({
        kind: 'IMPORT',
        generation: 2,
      });
      expect(await logged()).toMatchObject({ status: 'WAITING' });
      expect(await logged()).not.toHaveProperty('errorCode');
    }));
});
