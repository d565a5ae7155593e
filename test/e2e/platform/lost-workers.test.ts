import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Job } from '../../../schema/job.js';
import { makeFilm, makeSlowFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import {
  chunkJobs,
  outcomes,
  unreferencedFiles,
  untilGone,
  untilHalfMade,
  workerOf,
} from '../../support/platform-jobs.js';
import { isTerminal } from '../../../schema/enums.js';
import { playedTags, playGrowing } from '../../support/platform-playback.js';
import type { Service, Settings } from '../../support/platform-service.js';

const FRAMES = 350;

let platform: Platform;
let film: string;
let slow: { path: string; pids: string };

beforeAll(async () => {
  platform = await startPlatform();
  const { dataDir } = platform;
  film = await makeFilm(dataDir, { name: 'film', seconds: FRAMES / 25, size: '320x240' });
  slow = await makeSlowFfmpeg(dataDir, 1.2);
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

/** Runs `work` on two fresh processors, each with one slot and a slow FFmpeg. */
async function withTwoProcessors(
  settings: Settings,
  work: (pair: Service[]) => Promise<void>,
): Promise<void> {
  const own = { FFMPEG_PATH: slow.path, ...settings };
  const pair = await Promise.all([platform.startProcessor(own), platform.startProcessor(own)]);
  try {
    await work(pair);
  } finally {
    await Promise.all(pair.map((processor) => processor.stop()));
  }
}

/** Uploads the film; resolves when a chunk is in the middle of being made. */
async function uploadUntilHalfMade(pair: Service[]) {
  const videoId = await platform.client.upload(film);
  const done = platform.client.follow(videoId).until(({ status }) => isTerminal(status));
  const job = await untilHalfMade(platform, videoId);
  return { videoId, job, done, worker: await workerOf(platform, job, pair) };
}

const allFrames = Array.from({ length: FRAMES }, (_, n) => n);

/** Every chunk counts once, every picture is there once, and nothing else is stored. */
async function expectWhole(videoId: string): Promise<void> {
  const jobs = await chunkJobs(platform, videoId);
  expect(jobs).toHaveLength(5);
  for (const job of jobs) {
    expect(job.state).toBe('DONE');
    expect(outcomes(job).filter((outcome) => outcome === 'DONE')).toHaveLength(1);
    expect(job.result?.attempt).toBe(job.attempt);
  }
  const { url = '' } = (await platform.client.playback(videoId)) ?? {};
  expect(await playedTags(url)).toEqual(allFrames);
  expect(await unreferencedFiles(platform, videoId)).toEqual([]);
}

/** How the claims of this chunk ended, and in how many different ways those of the others. */
async function claimsOf(videoId: string, { _id: jobId }: Job) {
  const jobs = await chunkJobs(platform, videoId);
  const others = jobs.filter(({ _id }) => _id !== jobId).map((job) => outcomes(job).join());
  return { chunk: jobs.filter(({ _id }) => _id === jobId).flatMap(outcomes), others: [...new Set(others)] };
}

const pidsOf = async ({ pids }: { pids: string }): Promise<number[]> =>
  (await readFile(pids, 'utf8')).trim().split('\n').map(Number);

describe('a processor in the middle of a chunk', () => {
  it('that is killed while its film plays costs its chunk alone, and is not noticed by the viewer', async () => {
    const { client, dataDir } = platform;
    const slower = await makeSlowFfmpeg(await mkdtemp(path.join(dataDir, 'slower-')), 1);
    // Short, but not so short that the other one loses its chunk on a machine that is busy.
    await withTwoProcessors({ LEASE_SECONDS: '4', FFMPEG_PATH: slower.path }, async (pair) => {
      const videoId = await client.upload(film);
      const watching = client.follow(videoId);
      await watching.until(({ playable }) => playable);
      const { url = '' } = (await client.playback(videoId)) ?? {};
      const player = playGrowing(url, AbortSignal.timeout(50_000));
      await player.started;
      const job = await untilHalfMade(platform, videoId);
      const worker = await workerOf(platform, job, pair);
      worker.signal('SIGKILL');
      expect(await worker.ended).toBe('SIGKILL');

      expect(await player.tags).toEqual(allFrames);
      expect((await watching.completed).at(-1)).toMatchObject({ status: 'READY' });
      await expectWhole(videoId);
      expect(await claimsOf(videoId, job)).toEqual({ chunk: ['LOST', 'DONE'], others: ['DONE'] });
    });
  }, 90_000);

  it('that was killed leaves temporary files only until the next one starts', async () => {
    const folders = () => readdir(path.join(platform.dataDir, 'tmp'));
    const killed = await platform.startProcessor();
    expect(await folders()).toContain(`processor-${killed.pid}`);
    killed.signal('SIGKILL');
    await killed.ended;
    const next = await platform.startProcessor();
    expect(await folders()).toEqual([`processor-${next.pid}`]);
    await next.stop();
  }, 60_000);

  it('that is asked to end hands its chunk back at once', async () => {
    // So slow that no chunk is done before its worker is asked.
    const slower = await makeSlowFfmpeg(await mkdtemp(path.join(platform.dataDir, 'slower-')), 0.7);
    // Nobody takes anything over before this test has timed out.
    const settings = { LEASE_SECONDS: '600', FFMPEG_PATH: slower.path };
    await withTwoProcessors(settings, async (pair) => {
      const { videoId, job, done, worker } = await uploadUntilHalfMade(pair);
      worker.signal('SIGTERM');
      expect(await worker.ended).toBe('exit 0');
      expect(await done).toMatchObject({ status: 'READY' });
      await expectWhole(videoId);
      expect(await claimsOf(videoId, job)).toEqual({
        chunk: ['RELEASED', 'DONE'],
        others: ['DONE'],
      });
    });
    await untilGone(await pidsOf(slower));
  }, 90_000);
});
