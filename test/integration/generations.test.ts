import { describe, expect, it } from '@jest/globals';
import { createDeadLetters } from '../../platform/dead-letters.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { UploadStatus, VideoStatus } from '../../schema/enums.js';
import { AppError } from '../../schema/errors.js';
import { Job } from '../../schema/job.js';
import { topics } from '../../schema/messages.js';
import { Video } from '../../schema/video.js';
import { failed, owner, stopped, withGenerations } from '../support/generations-fixture.js';

describe('a generation that ends before its time', () => {
  it('takes its jobs, its playback and its files with it', () =>
    withGenerations(async ({ db, generations, queue, store, addVideo, sent }) => {
      const ref = await addVideo();
      await db.transaction((session) => queue.enqueuePlan({ ...owner, ...ref }, session));
      const claim = await store.claim('worker_a');
      if (!claim) throw new Error('not claimed');

      const video = await db.transaction((session) => generations.end(ref, stopped, session));
      if (!video) throw new Error('not ended');
      await generations.announceEnd(video);
      expect(video).toMatchObject({ status: 'STOPPED', stopReason: 'enough', playable: false });
      expect(video.progress).toMatchObject({ sequence: 6, percent: 40, stage: 'DONE', playableSeconds: 0 });
      expect(await store.renew(claim)).toBe(false);
      const job = await db.model(Job).findById(claim._id).lean();
      expect(job).toMatchObject({ state: 'CANCELLED', runs: [{ outcome: 'STOPPED' }] });
      expect(await db.model(BlobRemoval).distinct('_id')).toEqual([`${ref.videoId}/1/`]);
      expect(sent.toSorted()).toEqual([topics.control, topics.progress].toSorted());
    }));

  it('has one end, however many are tried at once', () =>
    withGenerations(async ({ db, generations, tracker, addVideo }) => {
      for (let round = 0; round < 20; round += 1) {
        const ref = await addVideo();
        const ready = { playableSeconds: 4, renditions: [] };
        const ends = await Promise.all([
          db.transaction((session) => generations.end(ref, stopped, session)),
          db.transaction((session) => tracker.ready(ref, ready, session)),
          db.transaction((session) => generations.end(ref, failed, session)),
        ]);
        const winners = ends.flatMap((video) => (video ? [video.status] : []));
        expect(winners).toHaveLength(1);
        expect((await db.model(Video).findById(ref.videoId).lean())?.status).toBe(winners[0]);
      }
    }));

  it('ends an upload that is still under way', () =>
    withGenerations(async ({ db, generations, addVideo }) => {
      const uploadLeaseUntil = new Date(Date.now() + 60_000);
      const ref = await addVideo({
        ...{ status: VideoStatus.QUEUED, uploadStatus: UploadStatus.RECEIVING, uploadLeaseUntil },
      });
      const video = await db.transaction((session) => generations.end(ref, stopped, session));
      expect(video).toMatchObject({ status: 'STOPPED', uploadStatus: 'FAILED' });
      expect(video?.uploadLeaseUntil?.getTime()).toBeLessThan(Date.now() + 1_000);
    }));

  it('may say anything about why', () =>
    withGenerations(async ({ db, generations, addVideo }) => {
      const ref = await addVideo();
      const reason = '$progress.at';
      const video = await db.transaction((session) =>
        generations.end(ref, { status: VideoStatus.STOPPED, reason }, session),
      );
      expect(video?.stopReason).toBe(reason);
    }));
});

describe('a new generation', () => {
  it('begins where the one before has failed or was stopped, once', () =>
    withGenerations(async ({ db, generations, addVideo, store }) => {
      const ref = await addVideo();
      await db.transaction((session) => generations.end(ref, failed, session));
      const restart = () => db.transaction((session) => generations.restart(ref.videoId, session));
      const started = (await Promise.all([restart(), restart()])).filter((found) => found !== undefined);
      expect(started).toHaveLength(1);
      expect(started[0]?.video).toMatchObject({ generation: 2, status: 'QUEUED', playable: false });
      expect(started[0]?.video.error).toBeUndefined();
      expect(started[0]?.video.progress).toMatchObject({ sequence: 7, percent: 0, stage: 'QUEUED' });
      expect(await store.claim('worker_a')).toMatchObject({ _id: started[0]?.jobId, generation: 2 });
    }));

  it('does not begin while the one before goes on, or where there is no source', () =>
    withGenerations(async ({ db, generations, addVideo }) => {
      const going = await addVideo();
      const broken = await addVideo({ status: VideoStatus.STOPPED, uploadStatus: UploadStatus.FAILED });
      for (const { videoId } of [going, broken]) {
        expect(await db.transaction((session) => generations.restart(videoId, session))).toBeUndefined();
      }
    }));

  it('against a stop: one of them wins, and what was begun can be stopped', () =>
    withGenerations(async ({ db, generations, addVideo }) => {
      const ref = await addVideo();
      await db.transaction((session) => generations.end(ref, failed, session));
      const [restarted, again] = await Promise.all([
        db.transaction((session) => generations.restart(ref.videoId, session)),
        db.transaction((session) => generations.end(ref, stopped, session)),
      ]);
      expect(again).toBeUndefined();
      const next = { ...ref, generation: restarted?.video.generation ?? 0 };
      const stoppedNow = await db.transaction((session) => generations.end(next, stopped, session));
      expect(stoppedNow).toMatchObject({ status: 'STOPPED', generation: 2 });
    }));
});

describe('dead letters', () => {
  const message = {
    ...{ topic: 'video-processing-a', partition: 3, offset: '17', timestamp: '1700000000000' },
    ...{ key: 'k', value: Buffer.from('not json') },
  };

  it('are kept once for each message and each generation, and sent until the broker has them', () =>
    withGenerations(async ({ db, addVideo }) => {
      let isUp = false;
      const letters: string[] = [];
      const publisher = {
        publish: (_topic: string, sent: readonly { value: string | null }[]) => {
          if (isUp) letters.push(...sent.map(({ value }) => value ?? ''));
          return Promise.resolve(isUp);
        },
        close: () => Promise.resolve(),
      };
      const deadLetters = createDeadLetters({ db, publisher });
      await deadLetters.addMessage(message);
      await deadLetters.addMessage(message);
      const { videoId } = await addVideo();
      const job = {
        _id: 'job_a',
        kind: 'CHUNK',
        videoId,
        generation: 1,
        attempt: 5,
        runs: [],
      } as unknown as Job;
      const cause = new Error('ffmpeg ended with code 1', { cause: new Error('disk full') });
      const failure = new AppError('INTERNAL', {}, { cause });
      await db.transaction((session) => deadLetters.addFailure(job, failure, session));

      expect(await deadLetters.publishPending(10)).toBe(0);
      isUp = true;
      expect(await deadLetters.publishPending(10)).toBe(2);
      expect(await deadLetters.publishPending(10)).toBe(0);
      const [first, second] = letters.map((text) => JSON.parse(text) as Record<string, unknown>);
      expect(first).toMatchObject({
        ...{ v: 1, code: 'BAD_MESSAGE', attempts: 1, payload: 'not json' },
        origin: { topic: 'video-processing-a', partition: 3, offset: '17' },
      });
      expect(second).toMatchObject({
        ...{
          videoId,
          generation: 1,
          code: 'INTERNAL',
          attempts: 5,
          origin: { jobId: 'job_a', jobKind: 'CHUNK' },
        },
        detail: 'ffmpeg ended with code 1\ndisk full',
      });
    }));
});
