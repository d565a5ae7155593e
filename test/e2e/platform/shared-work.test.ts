import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBroker } from '../../../platform/kafka/broker.js';
import type { KafkaMessage } from '../../../platform/kafka/consumer.js';
import { Job } from '../../../schema/job.js';
import { topics } from '../../../schema/messages.js';
import { makeFilm, makeSlowFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { outcomes } from '../../support/platform-jobs.js';
import { quietLog, stackSetting } from '../../support/test-database.js';

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
  const slow = await makeSlowFfmpeg(platform.dataDir, 4);
  const settings = { FFMPEG_PATH: slow.path };
  await Promise.all([platform.startProcessor(settings), platform.startProcessor(settings)]);
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

/** Sends every hint that passes twice more, as a broker may. */
async function tripleHints(): Promise<{ repeated: ReadonlySet<string> } & AsyncDisposable> {
  const broker = createBroker({
    brokers: stackSetting('KAFKA_BROKERS').split(','),
    clientId: 'test-repeater',
    log: quietLog,
  });
  const publisher = broker.publisher();
  const groupId = `test-repeater-${process.pid}`;
  const repeated = new Set<string>();
  const repeat = async (messages: KafkaMessage[]): Promise<void> => {
    const fresh = messages.flatMap(({ key = '', value }) => {
      if (repeated.has(key) || !value) return [];
      repeated.add(key);
      return [{ key, value: value.toString() }];
    });
    await publisher.publish(topics.processing, [...fresh, ...fresh]);
  };
  const consumer = await broker.consume({
    ...{ topic: topics.processing, groupId, fromBeginning: false },
    onMessages: repeat,
  });
  return {
    repeated,
    async [Symbol.asyncDispose]() {
      await consumer.close();
      await publisher.close();
      await broker.deleteGroup(groupId);
    },
  };
}

describe('two processors', () => {
  it("share one film's chunks, and do nothing twice though every hint comes three times", async () => {
    const { client, dataDir, db } = platform;
    await using repeater = await tripleHints();
    const film = await makeFilm(dataDir, { name: 'film', seconds: 18, size: '320x240' });
    const videoId = await client.upload(film);
    const events = await client.follow(videoId).completed;
    expect(events.at(-1)).toMatchObject({ status: 'READY' });

    const jobs: Job[] = await db.model(Job).find({ videoId }).lean();
    const plan = jobs.find(({ kind }) => kind === 'PLAN');
    expect(repeater.repeated).toContain(plan?._id);
    expect(jobs).toHaveLength(8);
    for (const job of jobs) expect(outcomes(job)).toEqual(['DONE']);
    const chunks = jobs.filter(({ kind }) => kind === 'CHUNK');
    expect(chunks).toHaveLength(6);
    expect(new Set(chunks.map(({ runs }) => runs[0]?.workerId)).size).toBe(2);
  }, 60_000);
});
