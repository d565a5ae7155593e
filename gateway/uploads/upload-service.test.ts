import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import type { BlobContainer } from '../../platform/blob.js';
import type { Intake } from '../../platform/intake.js';
import type { Database } from '../../platform/mongo.js';
import type { Project } from '../../schema/project.js';
import type { Video } from '../../schema/video.js';
import { createAbandonedSweep } from './abandoned-uploads.js';
import { createUploadService } from './upload-service.js';
import type { UploadStore } from './upload-store.js';

const project = { _id: 'project_a', organizationId: 'org_a', name: 'A' } as Project;
const sender = { id: 'key_a' };
const log = pino({ level: 'silent' });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Videos and blobs in memory; `faults` names what fails, how often. */
function setUp(faults: Partial<Record<'delete' | 'transaction' | 'answer', number>> = {}) {
  const videos = new Map<string, Video>();
  const stored = new Map<string, Buffer>();
  const sent: string[] = [];
  const outcomes: string[] = [];
  const logged: string[] = [];
  const fail = (what: keyof typeof faults) => {
    if ((faults[what] ?? 0) === 0) return;
    faults[what] = (faults[what] ?? 0) - 1;
    throw new Error(`${what} failed`);
  };
  const change = (id: string, part: Partial<Video>) => {
    const video = videos.get(id);
    if (video) videos.set(id, { ...video, ...part });
    return Promise.resolve(videos.get(id));
  };

  const intake: Intake = {
    begin({ title }) {
      const video = {
        _id: 'video_a',
        title,
        uploadStatus: 'RECEIVING',
        progress: { renditions: [] },
      } as unknown as Video;
      videos.set(video._id, video);
      return Promise.resolve({ video, isRepeat: false });
    },
    async received(id, source) {
      if (videos.get(id)?.uploadStatus !== 'RECEIVING') return undefined;
      const video = await change(id, { uploadStatus: 'RECEIVED', source });
      return video && { video, jobId: 'job_a' };
    },
    announce: ({ jobId }) => void sent.push(jobId),
    logEnd: (_id, { errorCode }) => Promise.resolve(void logged.push(errorCode)),
  };
  const uploads: UploadStore = {
    leaseUntil: () => new Date(),
    isStopped: (id) => Promise.resolve(videos.get(id)?.status === 'STOPPED'),
    retitle: (id, title) => change(id, { title }).then(() => undefined),
    async abandon(id) {
      if (videos.get(id)?.uploadStatus === 'RECEIVED') return videos.get(id);
      await change(id, { uploadStatus: 'FAILED' });
      return undefined;
    },
    remove: (id) => Promise.resolve(void (videos.get(id)?.status === 'STOPPED' || videos.delete(id))),
    listAbandoned: () =>
      Promise.resolve([...videos.values()].filter((v) => v.uploadStatus === 'FAILED').map((v) => v._id)),
  };
  const blobs = {
    async putStream(name: string, body: Readable) {
      stored.set(name, await buffer(body));
    },
    async discardBlocks(name: string) {
      await Promise.resolve();
      fail('delete');
      stored.delete(name);
    },
  } as unknown as BlobContainer;
  const db = {
    async transaction(work: (session: unknown) => Promise<unknown>) {
      fail('transaction');
      const result = await work(undefined);
      fail('answer');
      return result;
    },
  } as unknown as Database;

  const service = createUploadService({
    progress: { tick: () => Promise.resolve(true) },
    ...{ db, intake, uploads, blobs, log },
    maxBytes: 10,
    onEnd: (outcome) => outcomes.push(outcome),
  });
  const receive = (text = '\0film') =>
    service.receive({ project, sender, filename: 'a.mp4', source: Readable.from([Buffer.from(text)]) });
  const sweep = createAbandonedSweep({ uploads, service, log });
  const stop = () => change('video_a', { status: 'STOPPED', uploadStatus: 'FAILED' });
  return { videos, stored, sent, outcomes, logged, service, receive, stop, sweep };
}

describe('the upload service', () => {
  it('hints only once the job is stored, and works without Kafka', async () => {
    const { receive, sent, outcomes, stored } = setUp();
    expect(await receive()).toMatchObject({
      uploadStatus: 'RECEIVED',
      source: { filename: 'a.mp4', sizeBytes: 5, sha256: sha256('\0film') },
    });
    expect(sent).toEqual(['job_a']);
    expect(outcomes).toEqual(['RECEIVED']);
    expect(stored.get('video_a/source')?.toString()).toBe('\0film');
  });

  it('removes the blob when the video cannot be queued', async () => {
    const { receive, videos, stored, sent } = setUp({ transaction: 1 });
    await expect(receive()).rejects.toThrow('transaction failed');
    expect([videos.size, stored.size, sent.length]).toEqual([0, 0, 0]);
  });

  it('keeps a video that was queued although the answer of the database was lost', async () => {
    const { receive, stored } = setUp({ answer: 1 });
    expect(await receive()).toMatchObject({ uploadStatus: 'RECEIVED' });
    expect(stored.size).toBe(1);
  });

  it('leaves to the sweeper what it could not clean up, and says why the upload failed', async () => {
    const { receive, videos, stored, sweep, outcomes, logged } = setUp({ delete: 2, transaction: 1 });
    await expect(receive()).rejects.toThrow('transaction failed');
    expect([videos.size, stored.size]).toEqual([1, 1]);
    expect(await sweep()).toBe(0);
    expect(await sweep()).toBe(1);
    expect([videos.size, stored.size]).toEqual([0, 0]);
    expect(outcomes).toEqual(['INTERNAL']);
    expect(logged[0]).toBe('INTERNAL');
  });

  it('stores nothing of a file that is no media', async () => {
    const { receive, videos, stored, logged } = setUp();
    await expect(receive('a letter')).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
    expect([videos.size, stored.size]).toEqual([0, 0]);
    expect(logged).toEqual(['UNSUPPORTED_MEDIA']);
  });

  it('breaks an upload off when its video is stopped, and keeps the video as that', async () => {
    const { service, videos, stored, stop } = setUp();
    const source = new PassThrough();
    source.write('\0fil');
    const receiving = service
      .receive({ project, sender, filename: 'a.mp4', source })
      .catch((error: unknown) => error);
    await new Promise(setImmediate);
    await stop();
    service.cancel('video_a');
    expect(await receiving).toMatchObject({ code: 'CONFLICT', details: { status: 'STOPPED' } });
    expect(source.destroyed).toBe(true);
    expect([...videos.values()]).toMatchObject([{ status: 'STOPPED', uploadStatus: 'FAILED' }]);
    expect(stored.size).toBe(0);
  });

  it('does not queue a video that was stopped when its last byte had arrived', async () => {
    const { receive, sent, stop, stored } = setUp();
    const receiving = receive().catch((error: unknown) => error);
    await stop();
    expect(await receiving).toMatchObject({ code: 'CONFLICT' });
    expect([sent.length, stored.size]).toEqual([0, 0]);
  });

  it('is settled when nothing is received or cleaned up any more', async () => {
    const { receive, service, videos } = setUp();
    const receiving = receive('\0much too long').catch((error: unknown) => error);
    await service.settled();
    expect(videos.size).toBe(0);
    expect(await receiving).toMatchObject({ code: 'UPLOAD_TOO_LARGE' });
  });
});
