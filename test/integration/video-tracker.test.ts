import { describe, expect, it } from '@jest/globals';
import type { Publisher } from '../../platform/kafka/publisher.js';
import type { Database } from '../../platform/mongo.js';
import { createVideoTracker, type VideoTracker } from '../../processor/progress/video-tracker.js';
import { ProcessingStage, UploadStatus, VideoStatus } from '../../schema/enums.js';
import { newId } from '../../schema/ids.js';
import { Job, JobKind, JobState } from '../../schema/job.js';
import { decodeProgress } from '../../schema/messages.js';
import { Video } from '../../schema/video.js';
import type { VideoProgress } from '../../schema/video-progress.js';
import { withTestDatabase } from '../support/test-database.js';

interface Fixture {
  db: Database;
  tracker: VideoTracker;
  ref: { videoId: string; generation: number };
  published: VideoProgress[];
}

const ready = { playableSeconds: 8, renditions: [] };

async function withVideo(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  await withTestDatabase([Video, Job], async (db) => {
    const published: VideoProgress[] = [];
    const publisher: Publisher = {
      publish: (_topic, messages) => {
        for (const { value } of messages) {
          const message = decodeProgress(Buffer.from(value ?? ''));
          if (message) published.push(message.event);
        }
        return Promise.resolve(true);
      },
      close: () => Promise.resolve(),
    };
    const ref = { videoId: newId('video'), generation: 1 };
    await db.model(Video).create({
      _id: ref.videoId,
      organizationId: 'org_a',
      projectId: 'project_a',
      title: 'Film',
      generation: 1,
      uploadStatus: UploadStatus.RECEIVED,
      status: VideoStatus.QUEUED,
      playable: false,
      renditions: [],
      progress: { sequence: 5, stage: ProcessingStage.QUEUED, at: new Date(0) },
    });
    await work({ db, tracker: createVideoTracker({ db, publisher }), ref, published });
  });
}

/** A chunk job of the video, half of whose frames are encoded. */
const addChunkJob = (db: Database, videoId: string, framesDone: number) =>
  db.model(Job).create({
    _id: newId('job'),
    kind: JobKind.CHUNK,
    organizationId: 'org_a',
    videoId,
    generation: 1,
    state: JobState.CLAIMED,
    jobClass: 'REST',
    rank: 0,
    seq: 0,
    cost: 1,
    workerId: 'worker_a',
    chunk: { chunkIndex: 0, part: 'ALL', trackNames: ['v240'], frames: 100, seconds: 4 },
    framesDone,
    framesPerSecond: 25,
  });

describe('the video tracker', () => {
  it('moves the sequence on with each change and publishes what it stored', () =>
    withVideo(async ({ tracker, ref, published }) => {
      await tracker.planning(ref);
      await tracker.published(ref, { playableSeconds: 4, renditions: [] });
      await tracker.finishing(ref);
      expect(published.map(({ sequence }) => sequence)).toEqual([6, 7, 8]);
      expect(published.at(-1)).toMatchObject({ stage: 'FINISHING', playable: true, playableSeconds: 4 });
    }));

  it('never lets the percentage or the playable length fall', () =>
    withVideo(async ({ db, tracker, ref, published }) => {
      await db.model(Video).updateOne({ _id: ref.videoId }, { 'progress.stage': 'TRANSCODING' });
      const { _id } = await addChunkJob(db, ref.videoId, 60);
      await tracker.refresh(ref);
      await db.model(Job).updateOne({ _id }, { framesDone: 10 });
      await db.model(Video).updateOne({ _id: ref.videoId }, { 'progress.at': new Date(0) });
      await tracker.refresh(ref);
      await tracker.published(ref, { playableSeconds: 8, renditions: [] });
      await tracker.published(ref, { playableSeconds: 4, renditions: [] });
      expect(published.map(({ percent }) => percent)).toEqual([59.4, 59.4, 59.4, 59.4]);
      expect(published.map(({ playableSeconds }) => playableSeconds)).toEqual([0, 0, 8, 8]);
      expect(published[0]).toMatchObject({
        workers: 1,
        speed: 1,
        renditions: [{ name: '240p', percent: 60 }],
      });
    }));

  it('does not store accounts faster than anybody can watch', () =>
    withVideo(async ({ db, tracker, ref, published }) => {
      await tracker.planning(ref);
      await db.model(Video).updateOne({ _id: ref.videoId }, { 'progress.stage': 'TRANSCODING' });
      await addChunkJob(db, ref.videoId, 60);
      await Promise.all([tracker.refresh(ref), tracker.refresh(ref)]);
      expect(published).toHaveLength(1);
    }));

  it('says at once that nothing runs any more', () =>
    withVideo(async ({ db, tracker, ref, published }) => {
      await db.model(Video).updateOne({ _id: ref.videoId }, { 'progress.stage': 'TRANSCODING' });
      const { _id } = await addChunkJob(db, ref.videoId, 60);
      await tracker.refresh(ref);
      await db.model(Job).updateOne({ _id }, { state: JobState.QUEUED });
      await tracker.refresh(ref, { isDue: true });
      expect(published.map(({ workers }) => workers)).toEqual([1, 0]);
      expect(published.map(({ etaSeconds }) => etaSeconds)).toEqual([2, null]);
    }));

  it('leaves a video that has ended, or another generation, alone', () =>
    withVideo(async ({ db, tracker, ref, published }) => {
      await db.model(Video).updateOne({ _id: ref.videoId }, { status: VideoStatus.FAILED });
      expect(await db.transaction((session) => tracker.ready(ref, ready, session))).toBeUndefined();
      await tracker.published(ref, ready);
      await tracker.planning({ ...ref, generation: 2 });
      expect(published).toEqual([]);
      const video = await db.model(Video).findById(ref.videoId).lean();
      expect(video).toMatchObject({ status: 'FAILED', playable: false });
    }));

  it('shows exactly one of several workers the last chunk', () =>
    withVideo(async ({ db, tracker, ref }) => {
      await db.model(Video).updateOne({ _id: ref.videoId }, { chunkJobsTotal: 8 });
      const counted = await Promise.all(
        Array.from({ length: 8 }, () => db.transaction((session) => tracker.chunkDone(ref, session))),
      );
      expect(counted.filter((video) => video?.chunkJobsDone === 8)).toHaveLength(1);
    }));
});
