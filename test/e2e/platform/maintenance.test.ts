import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retryUntil } from '../../../local/retry-until.js';
import { Job, JobKind, JobState } from '../../../schema/job.js';
import { makeFilm, makeGatedFfmpeg, type GatedFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { untilJob, untilRegistered } from '../../support/platform-jobs.js';
import type { Service } from '../../support/platform-service.js';
import { ask } from '../gateway-client.js';
import { createKey } from '../gateway-fixture.js';

let platform: Platform;
let film: string;
let ffmpeg: GatedFfmpeg;
let adminKey: string;

beforeAll(async () => {
  platform = await startPlatform();
  const { dataDir, db } = platform;
  film = await makeFilm(dataDir, { name: 'film', seconds: 6, size: '160x120' });
  ffmpeg = await makeGatedFfmpeg(dataDir);
  adminKey = await createKey(db, { scopes: ['admin'] });
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

async function asAdmin(operation: string, variables: Record<string, unknown> = {}): Promise<void> {
  const { errors } = await ask({ url: platform.gateway.url, key: adminKey }, operation, variables);
  expect(errors).toBeUndefined();
}

const drainMutation = 'mutation ($id: ID!, $drain: Boolean) { drainWorker(id: $id, drain: $drain) { id } }';
const drain = (id: string, drain = true) => asAdmin(drainMutation, { id, drain });

async function withProcessors(count: number, work: (processors: Service[]) => Promise<void>): Promise<void> {
  await ffmpeg.close();
  const own = { FFMPEG_PATH: ffmpeg.path, LEASE_SECONDS: '3' };
  const processors = await Promise.all(Array.from({ length: count }, () => platform.startProcessor(own)));
  try {
    await work(processors);
  } finally {
    await Promise.all(processors.map((processor) => processor.stop()));
  }
}

const workerOf = (processor: Service) => untilRegistered(platform, processor);

/** Waits until a processor has reported twice, so that it has read what it was told before. */
async function untilTold(processor: Service): Promise<void> {
  for (let report = 0; report < 2; report += 1) {
    const { aliveUntil } = await workerOf(processor);
    const look = async (): Promise<void> => {
      if ((await workerOf(processor)).aliveUntil <= aliveUntil) throw new Error('no report yet');
    };
    await retryUntil(look, { signal: AbortSignal.timeout(20_000), everyMs: 100 });
  }
}

const untilEncoding = (workerId: string): Promise<Job> =>
  untilJob(platform, { kind: JobKind.CHUNK, state: JobState.CLAIMED, workerId });

/** Jobs of these videos that a worker has begun. */
async function begunBy(workerId: string, videoIds: readonly string[]): Promise<string[]> {
  const jobs = await platform.db
    .model(Job)
    .find({ videoId: { $in: videoIds }, 'runs.workerId': workerId }, { _id: 1 })
    .sort({ _id: 1 })
    .lean();
  return jobs.map(({ _id }) => _id);
}

describe('processing that is paused', () => {
  it(
    'ends what has begun, begins nothing, and goes on',
    () =>
      withProcessors(1, async ([processor]) => {
        if (!processor) throw new Error('no processor');
        const { client, db } = platform;
        const videoId = await client.upload(film);
        const following = client.follow(videoId);
        const { _id: workerId } = await workerOf(processor);
        const running = await untilEncoding(workerId);
        await asAdmin('mutation { pauseProcessing { paused } }');
        await untilTold(processor);
        await ffmpeg.open();

        await untilJob(platform, { _id: running._id, state: JobState.DONE });
        await untilTold(processor);
        const begun = { videoId, kind: JobKind.CHUNK, attempt: { $gt: 0 } };
        expect(await db.model(Job).countDocuments(begun)).toBe(1);
        expect(await db.model(Job).countDocuments({ videoId, state: JobState.QUEUED })).toBeGreaterThan(0);

        await asAdmin('mutation { resumeProcessing { paused } }');
        expect((await following.completed).at(-1)).toMatchObject({ status: 'READY' });
      }),
    60_000,
  );
});

describe('a worker that is drained', () => {
  it(
    'ends what it has and leaves the rest to others, until it is wanted again',
    () =>
      withProcessors(2, async ([one, other]) => {
        if (!one || !other) throw new Error('no processors');
        const { client } = platform;
        const workers = await Promise.all([workerOf(one), workerOf(other)]);
        const [drained = '', working = ''] = workers.map(({ _id }) => _id);
        const videoIds = await Promise.all([client.upload(film), client.upload(film)]);
        const ends = videoIds.map((videoId) => client.follow(videoId).completed);
        const running = await untilEncoding(drained);
        await drain(drained);
        await untilTold(one);
        const begun = await begunBy(drained, videoIds);
        await ffmpeg.open();

        expect((await Promise.all(ends)).map((events) => events.at(-1)?.status)).toEqual(['READY', 'READY']);
        expect(await begunBy(drained, videoIds)).toEqual(begun);
        const { runs } = await untilJob(platform, { _id: running._id, state: JobState.DONE });
        expect(runs).toMatchObject([{ workerId: drained, outcome: 'DONE' }]);

        await drain(drained, false);
        await drain(working);
        await Promise.all([untilTold(one), untilTold(other)]);
        const next = await client.upload(film);
        expect((await client.follow(next).completed).at(-1)).toMatchObject({ status: 'READY' });
        expect(await begunBy(working, [next])).toEqual([]);
      }),
    90_000,
  );
});
