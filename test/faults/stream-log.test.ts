import { BlobServiceClient } from '@azure/storage-blob';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retryUntil } from '../../local/retry-until.js';
import { startWatchdog } from '../../local/watchdog.js';
import { connectBlobContainer } from '../../platform/blob.js';
import { newSessionId } from '../../platform/playback-claims.js';
import { createTokens } from '../../platform/tokens.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { newId } from '../../schema/ids.js';
import { PlaybackSession } from '../../schema/playback-session.js';
import { sessionTotals } from '../../schema/session-totals.js';
import { Video } from '../../schema/video.js';
import { bundledService } from '../support/built-program.js';
import type { PooledDatabase } from '../support/database-pool.js';
import { type Service, startService } from '../support/platform-service.js';
import { stackSetting, takeTestDatabase } from '../support/test-database.js';

const SEGMENTS = 20;
const SEGMENT_SECONDS = 2;
const SEGMENT_BYTES = 1_000;
/** More than the system's buffers between two sockets of one machine take. */
const LONG_BYTES = 12 * 1024 ** 2;
const LONG = SEGMENTS;

const segment = (n: number): string => hlsFiles.segment('v360', n, 1);
const STREAM_KEYS = `test:${randomBytes(32).toString('base64url')}`;
const BLOB_CONTAINER_HLS = `hls-${randomUUID()}`;
const watchdog = startWatchdog();

let folder: string;
let database: PooledDatabase;
let streamers: Service[] = [];
let videoId: string;

const storage = (): string => stackSetting('AZURE_STORAGE_CONNECTION_STRING');

/** Publishes a film that nobody has made. */
async function publish(): Promise<string> {
  const _id = newId('video');
  await database.db.model(Video).create({
    ...{ _id, organizationId: newId('org'), projectId: newId('project'), title: 'A film', generation: 1 },
    ...{
      playable: true,
      uploadStatus: 'RECEIVED',
      status: 'READY',
      progress: { stage: 'DONE', at: new Date() },
    },
    source: { filename: 'film.mp4', sizeBytes: 1, durationSeconds: SEGMENT_SECONDS * (SEGMENTS + 1) },
    plan: { segmentFrames: 25 * SEGMENT_SECONDS, frameRate: { num: 25, den: 1 } },
  });
  const container = connectBlobContainer({ connectionString: storage(), container: BLOB_CONTAINER_HLS });
  await container.ensure();
  const put = (file: string, body: Buffer) =>
    container.put(generationPrefix(_id, 1) + file, body, { contentType: 'video/mp4' });
  await put(hlsFiles.master, Buffer.from('#EXTM3U\n'));
  for (let n = 0; n < SEGMENTS; n += 1) await put(segment(n), Buffer.alloc(SEGMENT_BYTES, n));
  await put(segment(LONG), Buffer.alloc(LONG_BYTES));
  return _id;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stream-plus-faults-'));
  database = await takeTestDatabase();
  videoId = await publish();
  const settings = {
    ...{ STREAM_KEYS, BLOB_CONTAINER_HLS, MONGO_URL: database.url, LOG_LEVEL: 'debug' },
    ...{ KAFKA_BROKERS: stackSetting('KAFKA_BROKERS'), AZURE_STORAGE_CONNECTION_STRING: storage() },
  };
  const deps = { programArgs: bundledService, watchdog, logDir: folder };
  streamers = await Promise.all([0, 1].map(() => startService(deps, 'streamer', settings)));
}, 60_000);
afterAll(async () => {
  await Promise.all(streamers.map((streamer) => streamer.stop()));
  await watchdog.close();
  await BlobServiceClient.fromConnectionString(storage())
    .getContainerClient(BLOB_CONTAINER_HLS)
    .deleteIfExists();
  await database?.giveBack();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Somebody who watches, and what is stored of that. */
function beginWatching() {
  const sessionId = newSessionId();
  const media = createTokens({ keys: STREAM_KEYS }).sealMedia({
    ...{ videoId, generation: 1, expiresAt: new Date(Date.now() + 3_600_000) },
    viewer: { key: 'ada', issuedAt: new Date(), sessionId },
  });
  const urlOf = ({ url }: Service, n: number) => `${url}/stream/${media}/${segment(n)}`;
  const stored = () =>
    database.db
      .model(PlaybackSession)
      .aggregate<PlaybackSession>([{ $match: { sessionId } }, { $set: sessionTotals }]);
  return {
    urlOf,
    stored,
    watch: async (streamer: Service, segments: number[]): Promise<void> => {
      for (const n of segments) {
        const reply = await fetch(urlOf(streamer, n));
        expect([reply.status, (await reply.arrayBuffer()).byteLength]).toEqual([200, SEGMENT_BYTES]);
      }
    },
    /** Resolves once so many bytes or more are stored. */
    until: (bytes: number) =>
      retryUntil(
        async () => {
          const [session] = await stored();
          if (!session || session.bytes < bytes) throw new Error(`${session?.bytes} of ${bytes} bytes`);
        },
        { signal: AbortSignal.timeout(20_000), everyMs: 20 },
      ),
  };
}

/** Numbers from `from` on. */
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

const [first, second] = [() => streamers[0]!, () => streamers[1]!];

describe('the stream log of a streamer', () => {
  it('has all that was sent when it is asked to end, also what it was still sending', async () => {
    const { watch, urlOf, stored } = beginWatching();
    // As a proxy does, it keeps its connection for a next request.
    const agent = new Agent({ keepAlive: true });
    const answer = await new Promise<IncomingMessage>((resolve) => {
      get(urlOf(second(), LONG), { agent }, resolve);
    });
    await watch(second(), range(0, 10));
    second().signal('SIGTERM');
    // As long as it is asked, it does not end before this one has it all.
    let received = 0;
    for await (const chunk of answer) received += (chunk as Buffer).length;
    expect(received).toBe(LONG_BYTES);
    expect(await second().ended).toBe('exit 0');
    expect(await stored()).toMatchObject([
      { bytes: LONG_BYTES + 10 * SEGMENT_BYTES, seconds: 11 * SEGMENT_SECONDS, viewed: true },
    ]);
    agent.destroy();
    await second().start();
  });

  it('loses what it had not stored yet when it is killed, counts nothing twice, and goes on elsewhere', async () => {
    const { watch, stored, until } = beginWatching();
    await watch(first(), range(0, 4));
    await until(4 * SEGMENT_BYTES);
    // In memory alone, unless it is stored at this very moment.
    await watch(first(), range(4, 3));
    first().signal('SIGKILL');
    expect(await first().ended).toBe('SIGKILL');

    await watch(second(), range(7, 3));
    await first().start();
    await watch(first(), range(10, 2));
    await until(9 * SEGMENT_BYTES);
    // All three that have counted have had their last word then.
    await Promise.all(streamers.map((streamer) => streamer.stop()));
    const sessions = await stored();
    expect(sessions).toHaveLength(1);
    const segments = Object.values(sessions[0]?.parts ?? {}).map(({ bytes }) => bytes / SEGMENT_BYTES);
    const [killed = NaN, ...others] = segments.sort((a, b) => b - a);
    expect(others).toEqual([3, 2]);
    expect(killed).toBeGreaterThanOrEqual(4);
    expect(killed).toBeLessThanOrEqual(7);
    expect(sessions[0]?.seconds).toBe((killed + 5) * SEGMENT_SECONDS);
  });
});
