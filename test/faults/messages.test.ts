import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Job, JobKind, JobState } from '../../schema/job.js';
import { decodeProgress, topics } from '../../schema/messages.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import { workerOf } from '../support/platform-jobs.js';
import { orderProblems } from '../support/platform-progress.js';
import { stackSetting } from '../support/test-database.js';
import { makeFaultFilms, type FaultFilm } from './fault-films.js';
import { nothingWrong } from './fault-report.js';
import { readTopic, type ReadMessage } from './read-topic.js';
import { mediaSettings, scale, TEST_TIMEOUT_MS } from './scale.js';
import { beginTrial, type Trial } from './trial.js';

const injector = pathToFileURL(path.join(import.meta.dirname, 'unreliable-messages.mjs')).href;

let platform: Platform;
let films: FaultFilm[];

beforeAll(async () => {
  platform = await startPlatform({ settings: { ...mediaSettings, NODE_OPTIONS: `--import ${injector}` } });
  films = await makeFaultFilms(platform.dataDir);
}, 90_000);
afterAll(() => platform?.stop(), 60_000);

const allJobs = () => films.reduce((sum, { jobs }) => sum + jobs, 0);

/** Does this to all messages of the platform while `work` goes on. */
async function withMessages<T>(order: 'triple' | 'shuffle' | 'lose', work: () => Promise<T>): Promise<T> {
  const orders = path.join(platform.dataDir, 'messages');
  await writeFile(orders, order);
  try {
    return await work();
  } finally {
    await rm(orders);
  }
}

/** The messages of a topic about a trial's jobs or videos. */
async function messagesAbout(topic: string, keys: readonly string[]): Promise<ReadMessage[]> {
  const all = await readTopic(stackSetting('KAFKA_BROKERS'), topic);
  return all.filter(({ key }) => keys.includes(key));
}

const jobsOf = ({ videoIds }: Trial) =>
  platform.db
    .model(Job)
    .find({ videoId: { $in: videoIds } })
    .lean();
const hintsFor = async (trial: Trial) =>
  messagesAbout(
    topics.processing,
    (await jobsOf(trial)).map(({ _id }) => _id),
  );
const accountsOf = ({ videoIds }: Trial) => messagesAbout(topics.progress, videoIds);

const sequenceOf = ({ value }: ReadMessage): number =>
  decodeProgress(Buffer.from(value))?.event.sequence ?? NaN;

/** How often each message is there. */
function repetitions(messages: readonly ReadMessage[]): number[] {
  const counts = new Map<string, number>();
  for (const { key, value } of messages) counts.set(key + value, (counts.get(key + value) ?? 0) + 1);
  return [...counts.values()];
}

/** Makes the films while a subscription watches all of them, and expects it to see each in order. */
async function makeAll(trial: Trial) {
  const project = platform.client.followProject();
  await trial.upload(films);
  const report = await trial.finish();
  const ends = trial.videoIds.map((id) =>
    project.until(({ videoId, status }) => videoId === id && status === 'READY'),
  );
  await Promise.all(ends);
  await project.cancel();
  const problems = trial.videoIds.flatMap((id) =>
    orderProblems(project.events.filter(({ videoId }) => videoId === id)),
  );
  expect(problems).toEqual([]);
  return report;
}

describe('messages', () => {
  it(
    'that all come three times',
    () =>
      withMessages('triple', async () => {
        await using trial = await beginTrial(platform, { fault: 'every message three times' });
        expect(await makeAll(trial)).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
        for (const messages of [await hintsFor(trial), await accountsOf(trial)]) {
          expect(messages.length).toBeGreaterThan(films.length);
          expect(repetitions(messages).filter((count) => count % 3 !== 0)).toEqual([]);
        }
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'that come late, and in any order',
    () =>
      withMessages('shuffle', async () => {
        await using trial = await beginTrial(platform, { fault: 'messages delayed and shuffled' });
        expect(await makeAll(trial)).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
        const accounts = await accountsOf(trial);
        const overtaken = trial.videoIds.map((id) => {
          const sequences = accounts.filter(({ key }) => key === id).map(sequenceOf);
          return sequences.filter((sequence, index) => sequence < (sequences[index - 1] ?? 0)).length;
        });
        expect(Math.min(...overtaken)).toBeGreaterThan(0);
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'that were never sent, by processes that ended once they had stored what to do',
    () =>
      withMessages('lose', async () => {
        await using trial = await beginTrial(platform, { fault: 'crash between writing and publishing' });
        await trial.upload(films);
        for (let strike = 1; strike <= scale.strikes; strike += 1) {
          await trial.untilDone((strike - 0.5) / (scale.strikes + 1));
          const ended = await nextChunkDone(trial);
          await trial.kill(await workerOf(platform, ended, trial.processors));
          await trial.startProcessor();
        }
        expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
        expect(await hintsFor(trial)).toEqual([]);
        expect(await accountsOf(trial)).toEqual([]);
      }),
    TEST_TIMEOUT_MS,
  );
});

/** The next chunk that is stored as done: its worker is about to say so. */
async function nextChunkDone({ videoIds }: Trial): Promise<Job> {
  const done = { 'updateDescription.updatedFields.state': JobState.DONE, 'fullDocument.kind': JobKind.CHUNK };
  const ofTrial = { 'fullDocument.videoId': { $in: videoIds } };
  const changes = platform.db
    .model(Job)
    .watch([{ $match: { ...done, ...ofTrial } }], { fullDocument: 'updateLookup' });
  try {
    const { documentKey } = (await changes.next()) as { documentKey: Pick<Job, '_id'> };
    return await platform.db.model(Job).findById(documentKey._id).orFail().lean();
  } finally {
    await changes.close();
  }
}
