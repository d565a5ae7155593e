import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { retryUntil } from '../../../local/retry-until.js';
import { startStack, type Stack } from '../../../local/stack.js';
import { makeFilm, makeSlowFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { untilJob } from '../../support/platform-jobs.js';
import { orderProblems } from '../../support/platform-progress.js';

let folder: string;
/** A broker that no other test uses. */
let stack: Stack;
let platform: Platform;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-broker-'));
  const { MONGO_URL, AZURE_STORAGE_CONNECTION_STRING } = process.env;
  stack = await startStack({ dataDir: folder, given: { MONGO_URL, AZURE_STORAGE_CONNECTION_STRING } });
  platform = await startPlatform({ settings: { KAFKA_BROKERS: stack.env.KAFKA_BROKERS ?? '' } });
}, 90_000);
afterAll(async () => {
  await platform?.stop();
  await stack?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Member ids of every group of the platform's consumers; a broker remembers them through a restart. */
async function consumers(): Promise<string[]> {
  const kafka = new Kafka({ brokers: [stack.env.KAFKA_BROKERS ?? ''], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const names = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    const { groups } = await admin.describeGroups(names.filter((name) => name.startsWith('stream-plus-')));
    return groups.flatMap(({ state, members }) =>
      state === 'Stable' ? members.map(({ memberId }) => memberId) : [],
    );
  } finally {
    await admin.disconnect();
  }
}

/** Waits until there are two consumers, a processor's and the gateway's, none of them one of `old`. */
async function untilTwoJoined(old: readonly string[]): Promise<string[]> {
  const look = async (): Promise<string[]> => {
    const fresh = (await consumers()).filter((member) => !old.includes(member));
    if (fresh.length !== 2) throw new Error(`${fresh.length} consumers have joined`);
    return fresh;
  };
  return retryUntil(look, { signal: AbortSignal.timeout(60_000), everyMs: 200 });
}

describe('an outage of Kafka', () => {
  it('delays nobody: films in work become ready, new ones are taken and made, watchers see both', async () => {
    const { client, dataDir } = platform;
    const film = await makeFilm(dataDir, { name: 'film', seconds: 10, size: '320x240' });
    const slow = await makeSlowFfmpeg(dataDir, 8);
    await platform.startProcessor({ FFMPEG_PATH: slow.path });
    const before = await untilTwoJoined([]);

    const inWork = await client.upload(film);
    const watchingInWork = client.follow(inWork);
    await untilJob(platform, { videoId: inWork, kind: 'CHUNK', state: 'CLAIMED' });
    await stack.servers.kafka?.kill();
    const watchingNew = client.follow(await client.upload(film));

    for (const { completed } of [watchingInWork, watchingNew]) {
      const events = await completed;
      expect(events.at(-1)).toMatchObject({ status: 'READY', percent: 100 });
      expect(orderProblems(events)).toEqual([]);
    }
    await stack.servers.kafka?.start();
    await untilTwoJoined(before);
  }, 120_000);
});
