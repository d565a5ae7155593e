import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { retryUntil } from '../../../local/retry-until.js';
import { Job, JobKind } from '../../../schema/job.js';
import { processorGroup } from '../../../schema/messages.js';
import { Worker } from '../../../schema/worker.js';
import { makeFilm, makeGatedFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { outcomes } from '../../support/platform-jobs.js';
import type { Service } from '../../support/platform-service.js';
import { stackSetting } from '../../support/test-database.js';

const FILMS = 6;
const GIVE_UP_MS = 45_000;

let platform: Platform;
let admin: Admin;

beforeAll(async () => {
  const kafka = new Kafka({
    ...{ brokers: stackSetting('KAFKA_BROKERS').split(','), clientId: 'test-admin' },
    logLevel: logLevel.NOTHING,
  });
  admin = kafka.admin();
  [platform] = await Promise.all([startPlatform(), admin.connect()]);
}, 60_000);
afterAll(async () => {
  await admin?.disconnect();
  await platform?.stop();
}, 60_000);

/** Consumers of this processor in the group that it shares with all others. */
async function membersOf({ pid }: Service): Promise<number> {
  const { groups } = await admin.describeGroups([processorGroup]);
  return (groups[0]?.members ?? []).filter(({ clientId }) => clientId.endsWith(`-${pid}`)).length;
}

const untilMembers = (processor: Service, count: number): Promise<void> =>
  retryUntil(
    async () => {
      const members = await membersOf(processor);
      if (members !== count) throw new Error(`${members} consumers instead of ${count}`);
    },
    { signal: AbortSignal.timeout(GIVE_UP_MS), everyMs: 100 },
  );

/** What the processor says of itself once it has told of its decision for so many slots. */
const untilDecided = ({ pid }: Service, slots: number): Promise<Worker> =>
  retryUntil(
    async () => {
      const worker = await platform.db.model(Worker).findOne({ pid }).lean();
      if (worker?.decision?.to !== slots) throw new Error(`decided: ${JSON.stringify(worker?.decision)}`);
      return worker;
    },
    { signal: AbortSignal.timeout(GIVE_UP_MS), everyMs: 100 },
  );

interface Change {
  from: number;
  to: number;
  reason: string;
}

/** What the processor has logged of its slots. */
async function slotChanges(): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const name of glob(path.join(platform.dataDir, 'logs', '*-processor.log'))) {
    const lines = (await readFile(name, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"slots changed"'));
    changes.push(...lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Change));
  }
  return changes;
}

describe('a processor', () => {
  it('adds consumers while work waits and takes them away after it, and does every job once', async () => {
    const { client, dataDir, db } = platform;
    const ffmpeg = await makeGatedFfmpeg(dataDir);
    const processor = await platform.startProcessor({
      ...{ CONSUMERS_MIN: '1', CONSUMERS_MAX: '4', FFMPEG_PATH: ffmpeg.path },
      // This machine has other things to do.
      ...{ CONSUMERS_COOLDOWN_SECONDS: '1', CONSUMERS_MAX_LOAD: '1' },
    });
    await untilMembers(processor, 1);

    const film = await makeFilm(dataDir, { name: 'film', seconds: 4, size: '160x120' });
    const videoIds = await Promise.all(Array.from({ length: FILMS }, () => client.upload(film)));
    const followed = videoIds.map((videoId) => client.follow(videoId));
    await untilMembers(processor, 4);
    const { decision } = await untilDecided(processor, 4);
    expect(decision?.reason).toMatch(/^\d+ jobs? \(\d+ work-seconds\) waits? and no slot is free: \d → 4$/);

    await ffmpeg.open();
    const ends = await Promise.all(followed.map(({ completed }) => completed));
    expect(ends.map((events) => events.at(-1)?.status)).toEqual(videoIds.map(() => 'READY'));
    await untilMembers(processor, 1);

    const jobs: Job[] = await db.model(Job).find().lean();
    expect(jobs.filter(({ kind }) => kind === JobKind.CHUNK)).toHaveLength(FILMS * 2);
    for (const job of jobs) expect(outcomes(job)).toEqual(['DONE']);
    const changes = await slotChanges();
    const counts = [1, ...changes.map(({ to }) => to)];
    expect(changes.map(({ from }) => from)).toEqual(counts.slice(0, -1));
    expect(Math.max(...counts)).toBe(4);
    expect(counts.at(-1)).toBe(1);
    expect(changes.at(-1)?.reason).toMatch(/^1 of 2 slots is enough for \d+ s: 2 → 1$/);
    // How busy it is it tells again and again, its decision once.
    const idle = { slots: 1, busy: 0, minSlots: 1, maxSlots: 4 };
    await retryUntil(async () => expect(await untilDecided(processor, 1)).toMatchObject(idle), {
      ...{ signal: AbortSignal.timeout(GIVE_UP_MS), everyMs: 100 },
    });
  }, 120_000);
});
