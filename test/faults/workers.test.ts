import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { retryUntil } from '../../local/retry-until.js';
import { DeadLetter } from '../../schema/dead-letter.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import { outcomes, storedFiles, untilJob } from '../support/platform-jobs.js';
import { playedTags } from '../support/platform-playback.js';
import type { Service } from '../support/platform-service.js';
import { makeBrakedFfmpeg, makeFaultFilms, type BrakedFfmpeg, type FaultFilm } from './fault-films.js';
import { nothingWrong } from './fault-report.js';
import { untilHalfMade } from './half-made.js';
import { mediaSettings, scale, TEST_TIMEOUT_MS } from './scale.js';
import { beginTrial, type Trial } from './trial.js';

let platform: Platform;
let films: FaultFilm[];
let braked: BrakedFfmpeg;

beforeAll(async () => {
  platform = await startPlatform({ settings: mediaSettings });
  [films, braked] = await Promise.all([makeFaultFilms(platform.dataDir), makeBrakedFfmpeg(platform.dataDir)]);
}, 90_000);
afterAll(() => platform?.stop(), 60_000);

const allJobs = () => films.reduce((sum, { jobs }) => sum + jobs, 0);
const jobOf = ({ _id }: Job) => platform.db.model(Job).findById(_id).orFail().lean();
const strikes = Array.from({ length: scale.strikes }, (_, index) => (index + 0.5) / (scale.strikes + 1));

/** Pictures of the first film, as a player gets them. */
async function expectAllPictures({ videoIds }: Trial): Promise<void> {
  const { url = '' } = (await platform.client.playback(videoIds[0] ?? '')) ?? {};
  expect(await playedTags(url)).toEqual(Array.from({ length: films[0]?.frames ?? 0 }, (_, n) => n));
}

describe('a processor', () => {
  it(
    'that is killed in the middle of a chunk',
    async () => {
      await using trial = await beginTrial(platform, {
        fault: 'kill -9 of a worker in the middle of a chunk',
        settings: { FFMPEG_PATH: braked.path },
      });
      await trial.upload(films);
      for (const share of strikes) {
        await trial.untilDone(share);
        const { job, worker } = await untilHalfMade(platform, trial, braked);
        await trial.kill(worker);
        await braked.fast();
        await trial.startProcessor();
        const ended = await untilJob(platform, { _id: job._id, state: 'DONE' });
        expect(outcomes(ended)).toEqual([...outcomes(job).slice(0, -1), 'LOST', 'DONE']);
      }
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
      await expectAllPictures(trial);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that sleeps longer than its lease',
    async () => {
      await using trial = await beginTrial(platform, {
        fault: 'SIGSTOP past the lease, then SIGCONT',
        settings: { FFMPEG_PATH: braked.path },
      });
      await trial.upload(films);
      for (const share of strikes) {
        await trial.untilDone(share);
        const { job, worker } = await untilHalfMade(platform, trial, braked);
        worker.signal('SIGSTOP');
        await braked.fast();
        const { attempt } = await untilJob(platform, { _id: job._id, state: 'DONE' });
        expect(attempt).toBeGreaterThan(job.attempt);
        worker.signal('SIGCONT');
        await untilLost(worker);
        // What it wrote in the end has changed nothing.
        const ended = await jobOf(job);
        expect(ended).toMatchObject({ state: 'DONE', attempt, result: { attempt } });
        expect(outcomes(ended)).toEqual([...outcomes(job).slice(0, -1), 'LOST', 'DONE']);
      }
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
      await expectAllPictures(trial);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that its job kills',
    async () => {
      const poison = await makePoisonFfmpeg();
      await using trial = await beginTrial(platform, {
        fault: 'a job that takes its worker down',
        processors: 0,
        // With company: what it takes down with it must not fail too.
        settings: { FFMPEG_PATH: poison.path, CONSUMERS_MIN: '2', CONSUMERS_MAX: '2' },
      });
      const [poisoned = ''] = await trial.upload(films);
      await poison.put(poisoned);
      const deaths = keepStarting(trial, 2);
      await untilJob(platform, { videoId: poisoned, state: 'FAILED' }, AbortSignal.timeout(scale.giveUpMs));
      // What a processor leaves behind that is killed, the next one removes.
      await deaths.untilReplaced();
      const report = await trial.finish().finally(() => deaths.stop());
      expect(report).toMatchObject(nothingWrong);

      const { db } = platform;
      const ends = await db
        .model(Video)
        .find({ _id: { $in: trial.videoIds } })
        .lean();
      expect(ends.filter(({ status }) => status === 'READY')).toHaveLength(films.length - 1);
      expect(ends.find(({ _id }) => _id === poisoned)).toMatchObject({
        status: 'FAILED',
        error: { code: 'WORKER_LOST' },
      });
      const killers = await db.model(Job).find({ videoId: poisoned, state: 'FAILED' }).lean();
      expect(killers.map(outcomes)).toEqual([['LOST', 'LOST', 'LOST']]);
      expect(deaths.count).toBeGreaterThanOrEqual(3);
      expect(await db.model(DeadLetter).find({ videoId: poisoned }).lean()).toMatchObject([
        { code: 'WORKER_LOST', state: 'OPEN', origin: { jobId: killers[0]?._id } },
      ]);
      expect(await storedFiles(platform, poisoned)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});

/** Waits until a processor has noticed that a chunk of its own is somebody else's. */
async function untilLost({ url }: Service): Promise<void> {
  const sample = 'stream_plus_jobs_total{kind="CHUNK",result="lost"';
  const look = async (): Promise<void> => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (!metrics.includes(sample)) throw new Error('no chunk was lost');
  };
  await retryUntil(look, { signal: AbortSignal.timeout(20_000), everyMs: 50 });
}

/** An FFmpeg that kills the processor that runs it, for the third chunk of one film. */
async function makePoisonFfmpeg(): Promise<{ path: string; put: (videoId: string) => Promise<void> }> {
  const program = path.join(platform.dataDir, 'poison-ffmpeg');
  const victim = path.join(platform.dataDir, 'poisoned');
  const script = [
    '#!/bin/sh',
    'case " $* " in',
    `*"$(cat '${victim}')"*" -start_number 2 "*) kill -KILL "$PPID" ;;`,
    'esac',
    'exec ffmpeg "$@"',
    '',
  ];
  await writeFile(program, script.join('\n'));
  await chmod(program, 0o755);
  return { path: program, put: (videoId) => writeFile(victim, videoId) };
}

/** Keeps `count` processors running, as a supervisor does. */
function keepStarting(
  trial: Trial,
  count: number,
): { readonly count: number; untilReplaced(): Promise<void>; stop(): void } {
  let deaths = 0;
  let ready = 0;
  let stopped = false;
  const run = async (): Promise<void> => {
    // One may die before it is ready.
    const processor = await trial.startProcessor().catch(() => undefined);
    if (processor) {
      ready += 1;
      await processor.ended;
      ready -= 1;
      await trial.kill(processor);
    }
    deaths += 1;
    if (!stopped) await run();
  };
  for (let started = 0; started < count; started += 1) void run();
  return {
    get count() {
      return deaths;
    },
    untilReplaced() {
      const look = () =>
        ready === count ? Promise.resolve() : Promise.reject(new Error(`${ready} processors run`));
      return retryUntil(look, { signal: AbortSignal.timeout(scale.giveUpMs), everyMs: 50 });
    },
    stop: () => void (stopped = true),
  };
}
