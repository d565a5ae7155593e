import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Job, JobKind, JobState } from '../../schema/job.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import { untilJob, untilRegistered } from '../support/platform-jobs.js';
import { playedTags } from '../support/platform-playback.js';
import type { Service } from '../support/platform-service.js';
import { makeBrakedFfmpeg, makeFaultFilms, type BrakedFfmpeg, type FaultFilm } from './fault-films.js';
import { nothingWrong } from './fault-report.js';
import { mediaSettings, TEST_TIMEOUT_MS } from './scale.js';
import { beginTrial } from './trial.js';

let platform: Platform;
const films: FaultFilm[] = [];
let braked: BrakedFfmpeg;

/** What is promised for this many. */
const LEAST_JOBS = 50;

const jobsOf = (some: readonly FaultFilm[]): number => some.reduce((sum, film) => sum + film.jobs, 0);

beforeAll(async () => {
  platform = await startPlatform({ settings: mediaSettings });
  const { dataDir } = platform;
  const [made, ffmpeg] = await Promise.all([makeFaultFilms(dataDir), makeBrakedFfmpeg(dataDir)]);
  braked = ffmpeg;
  while (jobsOf(films) < LEAST_JOBS) films.push(...made);
}, 90_000);
afterAll(() => platform?.stop(), 60_000);

/** Asks a process to end as a supervisor does, and starts it again. */
async function restart(service: Service): Promise<void> {
  service.signal('SIGTERM');
  expect(await service.ended).toBe('exit 0');
  await service.start();
}

async function untilEncoding(processor: Service): Promise<void> {
  const { _id: workerId } = await untilRegistered(platform, processor);
  await untilJob(platform, { kind: JobKind.CHUNK, state: JobState.CLAIMED, workerId });
}

it(
  'restarting all processes in turn loses nothing and makes at most one chunk of each worker again',
  async () => {
    await using trial = await beginTrial(platform, {
      fault: 'rolling restart of all processes',
      settings: { FFMPEG_PATH: braked.path, CONSUMERS_MAX: '1' },
    });
    await trial.upload(films);
    const { db, client, gateway, streamer } = platform;
    const jobs = () => db.model(Job).find({ videoId: { $in: trial.videoIds } });
    await braked.slow();
    for (const processor of trial.processors) {
      await untilEncoding(processor);
      await restart(processor);
    }
    await restart(gateway);
    await restart(streamer);
    await braked.fast();
    const open = (await jobs().lean()).filter(({ state }) => state !== JobState.DONE);
    expect(open.length).toBeGreaterThan(10);

    expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: jobsOf(films) });
    const unfinished = (await jobs().lean())
      .flatMap(({ runs }) => runs)
      .filter(({ outcome }) => outcome !== 'DONE');
    expect(unfinished.map(({ outcome }) => outcome)).toEqual(unfinished.map(() => 'RELEASED'));
    expect(unfinished.length).toBeGreaterThan(0);
    expect(new Set(unfinished.map(({ workerId }) => workerId)).size).toBe(unfinished.length);
    const { url = '' } = (await client.playback(trial.videoIds[0] ?? '')) ?? {};
    expect(await playedTags(url)).toHaveLength(films[0]?.frames ?? 0);
  },
  TEST_TIMEOUT_MS,
);
