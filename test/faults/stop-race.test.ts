import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Video } from '../../schema/video.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import { orderProblems, type Following } from '../support/platform-progress.js';
import { makeFaultFilm, type FaultFilm } from './fault-films.js';
import { nothingWrong } from './fault-report.js';
import { mediaSettings, scale, TEST_TIMEOUT_MS } from './scale.js';
import { beginTrial, type Trial } from './trial.js';

/** Races at a time. */
const LANES = 4;
/** Head start of the first completion over its stop, milliseconds; by how much it grows or shrinks after a race. */
const FIRST_MS = 50;
const GROWTH = 1.5;
/** Races beyond those that are wanted, until either side has won once. */
const MAX_EXTRA = 100;

let platform: Platform;
let film: FaultFilm;

beforeAll(async () => {
  platform = await startPlatform({ settings: mediaSettings });
  film = await makeFaultFilm(platform.dataDir, 1, true);
}, 90_000);
afterAll(() => platform?.stop(), 60_000);

/** Whether the stop came first; a stop that came too late is refused as a conflict. */
async function stop(id: string): Promise<boolean> {
  try {
    await platform.client.query('mutation ($id: ID!) { stopVideo(id: $id) { status } }', { id });
    return true;
  } catch (error) {
    expect(String(error)).toContain('CONFLICT: The video is READY');
    return false;
  }
}

/** One video, stopped `headStartMs` after it began to be finished. */
async function race(trial: Trial, headStartMs: number): Promise<{ isStopped: boolean; watched: Following }> {
  const [videoId = ''] = await trial.upload([film]);
  const watched = platform.client.follow(videoId);
  await watched.until(({ stage }) => stage === 'FINISHING' || stage === 'DONE');
  await delay(headStartMs);
  return { isStopped: await stop(videoId), watched };
}

describe('a stop', () => {
  it(
    'races against completion: one of them wins, whole',
    async () => {
      await using trial = await beginTrial(platform, { fault: 'stop against completion' });
      const ends: { isStopped: boolean; watched: Following }[] = [];
      let begun = 0;
      // Each end moves the next stop to where it is undecided.
      let headStartMs = FIRST_MS;
      const isOneSided = () => new Set(ends.map(({ isStopped }) => isStopped)).size < 2;
      const wanted = () => scale.races + (isOneSided() ? MAX_EXTRA : 0);
      const lane = async (): Promise<void> => {
        while (begun < wanted()) {
          begun += 1;
          const end = await race(trial, headStartMs);
          headStartMs *= end.isStopped ? GROWTH : 1 / GROWTH;
          ends.push(end);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      expect(await trial.finish()).toMatchObject(nothingWrong);

      expect(new Set(ends.map(({ isStopped }) => isStopped))).toEqual(new Set([true, false]));
      for (const { isStopped, watched } of ends) await expectOneEnd(isStopped, await watched.completed);
    },
    TEST_TIMEOUT_MS,
  );
});

/** The watcher, the database and playback agree on the one end. */
async function expectOneEnd(isStopped: boolean, events: Following['events']): Promise<void> {
  const status = isStopped ? 'STOPPED' : 'READY';
  expect(orderProblems(events)).toEqual([]);
  const finals = events.filter(({ stage }) => stage === 'DONE');
  expect(finals).toMatchObject([{ status, playable: !isStopped }]);
  const videoId = finals[0]?.videoId ?? '';
  expect(await platform.db.model(Video).findById(videoId).lean()).toMatchObject({ status });
  const playback = await platform.client.playback(videoId);
  expect(playback === null).toBe(isStopped);
}
