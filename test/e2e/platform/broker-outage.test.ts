import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { retryUntil } from '../../../local/retry-until.js';
import { startStack, type Stack } from '../../../local/stack.js';
import { ProcessingStage } from '../../../schema/enums.js';
import { processorGroup, topics } from '../../../schema/messages.js';
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

async function withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new Kafka({ brokers: [stack.env.KAFKA_BROKERS ?? ''], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Names of the groups of the platform's consumers. */
async function groupsOf(admin: Admin): Promise<string[]> {
  const { groups } = await admin.listGroups();
  return groups.map(({ groupId }) => groupId).filter((name) => name.startsWith('stream-plus-'));
}

/** Waits until all consumers have joined: of a processor, for hints and for stops, the gateway's and the streamer's. */
async function untilAllJoined(): Promise<void> {
  const look = () =>
    withAdmin(async (admin) => {
      const { groups } = await admin.describeGroups(await groupsOf(admin));
      const joined = groups.flatMap(({ state, members }) => (state === 'Stable' ? members : []));
      if (joined.length !== 4) throw new Error(`${joined.length} consumers have joined`);
    });
  await retryUntil(look, { signal: AbortSignal.timeout(60_000), everyMs: 200 });
}

/** Whose groups read what films give them to read. */
const readers = { [topics.processing]: processorGroup, [topics.progress]: 'stream-plus-gateway' };

/** How many messages the consumers of each topic have read, as they last told the broker. */
function messagesRead(): Promise<number[]> {
  const look = (admin: Admin) =>
    groupsOf(admin).then((groups) =>
      Promise.all(
        Object.entries(readers).map(async ([topic, prefix]) => {
          const groupId = groups.find((name) => name.startsWith(prefix));
          const [read] = await admin.fetchOffsets({ groupId: groupId ?? '', topics: [topic] });
          // A partition that nobody has read from yet has the offset -1.
          return (read?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
        }),
      ),
    );
  return retryUntil(() => withAdmin(look), { signal: AbortSignal.timeout(30_000), everyMs: 200 });
}

/**
 * Waits until both consumers read again: more messages than now, while films give them something to read.
 * What was sent before the gateway had joined again it does not read: it starts at the end.
 */
async function untilReading(film: string): Promise<void> {
  const before = await messagesRead();
  const look = async (): Promise<void> => {
    await platform.client.follow(await platform.client.upload(film)).completed;
    const now = await messagesRead();
    if (now.every((read, topic) => read > (before[topic] ?? 0))) return;
    throw new Error(`read ${now.join(' and ')} messages, before ${before.join(' and ')}`);
  };
  await retryUntil(look, { signal: AbortSignal.timeout(60_000), everyMs: 200 });
}

describe('an outage of Kafka', () => {
  it('delays nobody: films in work become ready, new ones are taken and made, watchers see both', async () => {
    const { client, dataDir } = platform;
    const film = await makeFilm(dataDir, { name: 'film', seconds: 10, size: '320x240' });
    const slow = await makeSlowFfmpeg(dataDir, 8);
    const processor = await platform.startProcessor({ FFMPEG_PATH: slow.path });
    await untilAllJoined();

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
    await untilReading(film);
    await processor.stop();
  }, 120_000);

  it('leaves no gap in what a watcher sees: every step, in order, to the end', async () => {
    const { client, dataDir } = platform;
    const film = await makeFilm(dataDir, { name: 'steps', seconds: 12, size: '320x240' });
    // Watchers are told every few seconds while Kafka is silent: no step is shorter.
    const slow = await makeSlowFfmpeg(dataDir, 0.6);
    const processor = await platform.startProcessor({ FFMPEG_PATH: slow.path });
    await untilAllJoined();

    const watching = client.follow(await client.upload(film));
    await watching.until(({ playableSeconds }) => playableSeconds === 4);
    await stack.servers.kafka?.kill();
    const blind = await watching.until(({ playableSeconds }) => playableSeconds === 8);
    expect(blind.status).toBe('PROCESSING');
    expect(stack.servers.kafka?.pid).toBeUndefined();
    await stack.servers.kafka?.start();

    const events = await watching.completed;
    expect(orderProblems(events)).toEqual([]);
    expect(distinct(events.map(({ playableSeconds }) => playableSeconds))).toEqual([0, 2, 4, 8, 12]);
    // Watching began after the upload: what was over by then was not seen.
    const stages = distinct(events.map(({ stage }) => stage));
    expect(stages).toEqual(Object.values(ProcessingStage).filter((stage) => stages.includes(stage)));
    expect(stages).toEqual(expect.arrayContaining(['TRANSCODING', 'DONE']));
    expect(events.at(-1)).toMatchObject({ status: 'READY', percent: 100 });
    await processor.stop();
  }, 120_000);
});

/** Values in the order in which they were first seen. */
const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
