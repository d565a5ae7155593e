import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retryUntil } from '../../local/retry-until.js';
import { Job } from '../../schema/job.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import { playedTags } from '../support/platform-playback.js';
import { stackSetting } from '../support/test-database.js';
import { makeFaultFilms, type FaultFilm } from './fault-films.js';
import { nothingWrong } from './fault-report.js';
import { mediaSettings, scale, TEST_TIMEOUT_MS } from './scale.js';
import { openSmallDisk, type SmallDisk } from './small-disk.js';
import { beginTrial, type Trial } from './trial.js';
import { startUnreliableStorage, type UnreliableStorage } from './unreliable-storage.js';

/** Faults here strike any call of any job: one may meet several in a row. */
const patience = { MAX_ATTEMPTS: '30' };

let platform: Platform;
let films: FaultFilm[];
let storage: UnreliableStorage;
let disk: SmallDisk;

beforeAll(async () => {
  platform = await startPlatform({ settings: mediaSettings });
  const connectionString = stackSetting('AZURE_STORAGE_CONNECTION_STRING');
  [films, storage, disk] = await Promise.all([
    makeFaultFilms(platform.dataDir),
    startUnreliableStorage({ connectionString, share: 0.2, seed: 1 }),
    openSmallDisk(platform.dataDir),
  ]);
}, 90_000);
afterAll(async () => {
  await storage?.close();
  await disk?.close();
  await platform?.stop();
}, 60_000);

const allJobs = () => films.reduce((sum, { jobs }) => sum + jobs, 0);

/** Pictures of the first film, as a player gets them. */
async function expectAllPictures({ videoIds }: Trial): Promise<void> {
  const { url = '' } = (await platform.client.playback(videoIds[0] ?? '')) ?? {};
  expect(await playedTags(url)).toEqual(Array.from({ length: films[0]?.frames ?? 0 }, (_, n) => n));
}

describe('storage', () => {
  it(
    'that fails every fifth call',
    async () => {
      const settings = { ...patience, AZURE_STORAGE_CONNECTION_STRING: storage.connectionString };
      await using trial = await beginTrial(platform, { fault: 'blob storage fails 20 % of calls', settings });
      await trial.upload(films);
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
      await expectAllPictures(trial);

      const { calls, failed } = storage;
      expect(Math.min(...Object.values(failed))).toBeGreaterThan(0);
      const share = Object.values(failed).reduce((sum, count) => sum + count, 0) / calls;
      expect(share).toBeCloseTo(0.2, 1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'for temporary files that is full',
    async () => {
      const settings = { ...patience, ...disk.settings };
      await using trial = await beginTrial(platform, { fault: 'disk for temporary files full', settings });
      await trial.upload(films);
      for (let strike = 1; strike <= scale.strikes; strike += 1) {
        await trial.untilDone((strike - 0.5) / (scale.strikes + 1));
        await fillUntilFailed(trial, 4 * strike);
        await disk.free();
      }
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
      await expectAllPictures(trial);
    },
    TEST_TIMEOUT_MS,
  );
});

/** Keeps the disk full until runs of the trial's jobs have failed so many times. */
async function fillUntilFailed({ videoIds }: Trial, times: number): Promise<void> {
  const look = async (): Promise<void> => {
    await disk.fill();
    const jobs = await platform.db
      .model(Job)
      .find({ videoId: { $in: videoIds } })
      .lean();
    const failed = jobs.flatMap(({ runs }) => runs).filter(({ outcome }) => outcome === 'FAILED');
    if (failed.length < times) throw new Error(`${failed.length} of ${times} runs have failed`);
  };
  await retryUntil(look, { signal: AbortSignal.timeout(scale.giveUpMs), everyMs: 20 });
}
