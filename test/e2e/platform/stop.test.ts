import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { retryUntil } from '../../../local/retry-until.js';
import { createGenerations } from '../../../platform/generations.js';
import { createJobQueue } from '../../../platform/job-queue.js';
import { VideoStatus } from '../../../schema/enums.js';
import { makeFilm, makeSlowFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { storedFiles, untilGone, untilHalfMade, untilJob, workerOf } from '../../support/platform-jobs.js';
import { orderProblems } from '../../support/platform-progress.js';
import type { Service } from '../../support/platform-service.js';

/** What is promised of a stop. */
const WITHIN_MS = 5_000;

let platform: Platform;
let film: string;
let slow: { path: string; pids: string };

beforeAll(async () => {
  platform = await startPlatform();
  film = await makeFilm(platform.dataDir, { name: 'film', seconds: 14, size: '320x240' });
  slow = await makeSlowFfmpeg(platform.dataDir, 1);
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

const stopMutation =
  'mutation ($id: ID!, $reason: String) { stopVideo(id: $id, reason: $reason) { status stopReason } }';

const stop = (id: string, reason?: string) =>
  platform.client.query<{ stopVideo: { status: string; stopReason: string | null } }>(stopMutation, {
    id,
    reason,
  });

const slowPids = async (): Promise<number[]> =>
  (await readFile(slow.pids, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean).map(Number);

async function withProcessors(count: number, work: (processors: Service[]) => Promise<void>): Promise<void> {
  await rm(slow.pids, { force: true });
  const own = { FFMPEG_PATH: slow.path, LEASE_SECONDS: '6' };
  const processors = await Promise.all(Array.from({ length: count }, () => platform.startProcessor(own)));
  try {
    await work(processors);
  } finally {
    await Promise.all(processors.map((processor) => processor.stop()));
  }
}

/** Waits until none of these processes runs and nothing of the video is stored, as long as that may take. */
async function untilNothingIsLeft(videoId: string, pids: readonly number[]): Promise<void> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  await untilGone(pids, signal);
  const look = async (): Promise<void> => {
    const stored = await storedFiles(platform, videoId);
    if (stored.length > 0) throw new Error(`still stored: ${stored.join(', ')}`);
  };
  await retryUntil(look, { signal, everyMs: 100 });
}

describe('a video that is stopped', () => {
  it(
    'while several workers encode it leaves nothing within seconds, and the queue goes on',
    () =>
      withProcessors(2, async () => {
        const { client } = platform;
        const videoId = await client.upload(film);
        const following = client.follow(videoId);
        await untilHalfMade(platform, videoId);
        await retryUntil(
          async () => ((await slowPids()).length >= 2 ? undefined : Promise.reject(new Error('one FFmpeg'))),
          { signal: AbortSignal.timeout(20_000), everyMs: 25 },
        );
        const next = client.follow(await client.upload(film));
        const pids = await slowPids();

        expect((await stop(videoId, 'wrong film')).stopVideo).toEqual({
          status: 'STOPPED',
          stopReason: 'wrong film',
        });
        const events = await following.completed;
        expect(events.at(-1)).toMatchObject({
          status: 'STOPPED',
          stage: 'DONE',
          playable: false,
          workers: 0,
        });
        expect(orderProblems(events)).toEqual([]);
        await untilNothingIsLeft(videoId, pids);
        await next.until(({ stage }) => stage === 'TRANSCODING');
        await stop((await next.until(() => true)).videoId);
      }),
    90_000,
  );

  it(
    'cannot be stopped again',
    () =>
      withProcessors(0, async () => {
        const videoId = await platform.client.upload(film);
        const stops = await Promise.allSettled([stop(videoId), stop(videoId), stop(videoId)]);
        expect(stops.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        await expect(stop(videoId)).rejects.toThrow('The video is STOPPED');
      }),
    30_000,
  );

  it(
    'is let go by a worker that never got the message, when it renews its lease',
    () =>
      withProcessors(1, async () => {
        const { client, db } = platform;
        const videoId = await client.upload(film);
        const following = client.follow(videoId);
        await untilHalfMade(platform, videoId);
        const silent = { publish: () => Promise.resolve(false), close: () => Promise.resolve() };
        const generations = createGenerations({
          db,
          publisher: silent,
          queue: createJobQueue({ db, publisher: silent }),
        });
        const ended = await db.transaction((session) =>
          generations.end({ videoId, generation: 1 }, { status: VideoStatus.STOPPED }, session),
        );
        expect(ended?.status).toBe('STOPPED');
        await untilNothingIsLeft(videoId, await slowPids());
        // Subscribers are healed from the database.
        expect((await following.completed).at(-1)).toMatchObject({ status: 'STOPPED' });
      }),
    60_000,
  );

  it(
    'leaves nothing of a worker that was asleep meanwhile',
    () =>
      withProcessors(2, async (processors) => {
        const { client } = platform;
        const videoId = await client.upload(film);
        const job = await untilHalfMade(platform, videoId);
        const worker = await workerOf(platform, job, processors);
        worker.signal('SIGSTOP');
        await stop(videoId);
        await untilJob(platform, { _id: job._id, state: 'CANCELLED' });
        worker.signal('SIGCONT');
        await untilNothingIsLeft(videoId, await slowPids());
      }),
    60_000,
  );
});

describe('temporary files of a stopped video', () => {
  it(
    'are gone with it',
    () =>
      withProcessors(1, async ([processor]) => {
        const videoId = await platform.client.upload(film);
        await untilHalfMade(platform, videoId);
        await stop(videoId);
        await untilNothingIsLeft(videoId, await slowPids());
        const folder = path.join(platform.dataDir, 'tmp', `processor-${processor?.pid}`);
        const look = async () => {
          const left = await readdir(folder);
          if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
        };
        await retryUntil(look, { signal: AbortSignal.timeout(WITHIN_MS), everyMs: 100 });
      }),
    60_000,
  );
});
