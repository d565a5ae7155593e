import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ManagedProcess } from '../../local/managed-process.js';
import { retryUntil } from '../../local/retry-until.js';
import { startStack, type Stack } from '../../local/stack.js';
import { connectMongo } from '../../platform/mongo.js';
import { UploadStatus } from '../../schema/enums.js';
import { Job, JobState } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { ask } from '../e2e/gateway-client.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import { untilJob } from '../support/platform-jobs.js';
import { quietLog } from '../support/test-database.js';
import { makeFaultFilms, type FaultFilm } from './fault-films.js';
import { nothingWrong } from './fault-report.js';
import { mediaSettings, scale, TEST_TIMEOUT_MS } from './scale.js';
import { beginTrial, type Trial } from './trial.js';

let folder: string;
/** Servers that no other test uses. */
let stack: Stack;
let platform: Platform;
let films: FaultFilm[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-faults-'));
  const { AZURE_STORAGE_CONNECTION_STRING } = process.env;
  stack = await startStack({ dataDir: folder, given: { AZURE_STORAGE_CONNECTION_STRING } });
  const { KAFKA_BROKERS = '', MONGO_URL = '' } = stack.env;
  platform = await startPlatform({ settings: { ...mediaSettings, KAFKA_BROKERS, MONGO_URL } });
  films = await makeFaultFilms(platform.dataDir);
}, 120_000);
afterAll(async () => {
  await platform?.stop();
  await stack?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
}, 60_000);

const allJobs = () => films.reduce((sum, { jobs }) => sum + jobs, 0);

function server(name: 'kafka' | 'mongod'): ManagedProcess {
  const found = stack.servers[name];
  if (!found) throw new Error(`${name} does not run here`);
  return found;
}

/** Kills a server while there is work under way, and starts it again; resolves once it is back. */
async function restart(name: 'kafka' | 'mongod', { videoIds }: Trial): Promise<void> {
  const ofTrial = { videoId: { $in: videoIds } };
  await untilJob(platform, { ...ofTrial, kind: 'CHUNK', state: JobState.CLAIMED });
  const { pid } = server(name);
  await server(name).kill();
  await server(name).start();
  expect(server(name).pid).not.toBe(pid);
}

/** The code that the gateway answers a query with, `OK` where it has the answer. */
async function answerOf({ client, gateway }: Platform): Promise<string> {
  const sender = { url: gateway.url, key: client.apiKey };
  const { errors } = await ask(sender, '{ projects { edges { node { id } } } }');
  return errors ? String(errors[0]?.extensions?.code) : 'OK';
}

/** Waits until the gateway has answers; meanwhile it must say nothing worse than that it has not. */
async function untilAnswered(of: Platform): Promise<void> {
  const look = async (): Promise<void> => {
    const code = await answerOf(of);
    expect(['OK', 'UNAVAILABLE']).toContain(code);
    if (code !== 'OK') throw new Error(code);
  };
  await retryUntil(look, { signal: AbortSignal.timeout(30_000), everyMs: 100 });
}

/** Makes the one member of the replica set step down; it is elected again. */
async function stepDown(url: string): Promise<void> {
  const db = await connectMongo({ url, log: quietLog });
  await db.connection.db?.admin().command({ replSetStepDown: 1, force: true });
  await db.close();
}

const strikes = Array.from({ length: scale.strikes }, (_, index) => (index + 0.5) / (scale.strikes + 1));
const servers = [
  { name: 'kafka', fault: 'broker killed and started again' },
  { name: 'mongod', fault: 'mongod killed and started again' },
] as const;

describe('a server', () => {
  it.each(servers)(
    '$fault while there is work',
    async ({ name, fault }) => {
      await using trial = await beginTrial(platform, { fault });
      await trial.upload(films);
      for (const share of strikes) {
        await trial.untilDone(share);
        await restart(name, trial);
        // It has not happened after the work.
        const open = { videoId: { $in: trial.videoIds }, state: { $ne: JobState.DONE } };
        if (name === 'mongod') expect(await platform.db.model(Job).countDocuments(open)).toBeGreaterThan(0);
      }
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'mongod that hangs, and then elects a primary anew',
    async () => {
      await using trial = await beginTrial(platform, { fault: 'mongod hangs, then fails over' });
      await trial.upload(films);
      for (const share of strikes) {
        await trial.untilDone(share);
        await untilJob(platform, { videoId: { $in: trial.videoIds }, state: JobState.CLAIMED });
        process.kill(server('mongod').pid ?? 0, 'SIGSTOP');
        const waitedFor = await answerOf(platform).finally(() =>
          process.kill(server('mongod').pid ?? 0, 'SIGCONT'),
        );
        expect(waitedFor).toBe('UNAVAILABLE');
        await untilAnswered(platform);
        await stepDown(stack.env.MONGO_URL ?? '');
        expect(['OK', 'UNAVAILABLE']).toContain(await answerOf(platform));
        await untilAnswered(platform);
      }
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'broker that is down while films are sent',
    async () => {
      await using trial = await beginTrial(platform, { fault: 'broker down while enqueuing' });
      await server('kafka').kill();
      await trial.upload(films);
      const received = { _id: { $in: trial.videoIds }, uploadStatus: UploadStatus.RECEIVED };
      expect(await platform.db.model(Video).countDocuments(received)).toBe(films.length);
      // They are found without any message.
      await trial.untilDone(0.1);
      expect(server('kafka').pid).toBeUndefined();
      await server('kafka').start();
      expect(await trial.finish()).toMatchObject({ ...nothingWrong, doneOnce: allJobs() });
    },
    TEST_TIMEOUT_MS,
  );
});
