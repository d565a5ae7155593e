import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createLifecycle } from '../../platform/lifecycle.js';
import { parseKeyRing } from '../../platform/key-ring.js';
import type { Database } from '../../platform/mongo.js';
import { createTokens } from '../../platform/tokens.js';
import { generationPrefix, hlsFiles } from '../../schema/blob-paths.js';
import { DeletedVideo } from '../../schema/deleted-video.js';
import { newId } from '../../schema/ids.js';
import { PlaybackSession } from '../../schema/playback-session.js';
import { sessionTotals } from '../../schema/session-totals.js';
import { Video } from '../../schema/video.js';
import { createStreamer } from '../../streamer/app.js';
import { SESSION_IDLE_MS } from '../../streamer/stream-log/live-session.js';
import type { SessionStore } from '../../streamer/stream-log/session-flush.js';
import { createSessionStore } from '../../streamer/stream-log/session-store.js';
import { createStreamLog, type StreamLog } from '../../streamer/stream-log/stream-log.js';
import {
  createMemoryBlobs,
  master,
  nothingRevoked,
  startTime,
  testKeys,
} from '../support/streamer-fixture.js';
import { quietLog, withTestDatabase } from '../support/test-database.js';

const sid = '6e2fb550-c457-11e9';
const place = { organizationId: newId('org'), projectId: newId('project') };
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0';
const SEGMENT_BYTES = 1_000;

/** Stores a film of 21 seconds: ten segments of 2 seconds and a last one of 1. */
async function storeFilm(db: Database): Promise<string> {
  const _id = newId('video');
  await db.model(Video).create({
    ...{ _id, ...place, title: 'A film', generation: 1, playable: true, uploadStatus: 'RECEIVED' },
    ...{ status: 'READY', progress: { stage: 'DONE', at: new Date() } },
    source: { filename: 'film.mp4', sizeBytes: 1, durationSeconds: 21 },
    plan: { segmentFrames: 50, frameRate: { num: 25, den: 1 } },
  });
  return _id;
}

interface Playing {
  streamers: (Pick<StreamLog, 'flush' | 'start'> & {
    get: (file: string, options?: Sent) => Promise<unknown>;
    begin: (
      userAgent: string,
    ) => Promise<{ statusCode: number; retryAfter: unknown; next: () => Promise<number> }>;
  })[];
  rows: () => Promise<PlaybackSession[]>;
  clock: { now: number };
  db: Database;
  videoId: string;
}
interface Sent {
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  cmcd?: string;
  address?: string;
  session?: string;
}

/** Runs `work` on streamers that share a database, and a film in it. */
async function withStreamers(
  work: (playing: Playing) => Promise<void>,
  { wrap = (store: SessionStore) => store, streamers: count = 1 } = {},
): Promise<void> {
  await withTestDatabase([PlaybackSession, Video, DeletedVideo], async (db) => {
    const clock = { now: startTime };
    const now = () => clock.now;
    const videoId = await storeFilm(db);
    const blobs = createMemoryBlobs();
    const put = (file: string, body: Buffer) => blobs.files.set(generationPrefix(videoId, 1) + file, body);
    put('master.m3u8', Buffer.from(master));
    for (const track of ['v360', 'v720', 'a0'])
      for (let number = 0; number < 11; number += 1)
        put(hlsFiles.segment(track, number, 1), Buffer.alloc(SEGMENT_BYTES, track));
    const tokens = createTokens({ keys: testKeys, now });
    const apps = Array.from({ length: count }, () => {
      const streamLog = createStreamLog({
        ...{ store: wrap(createSessionStore({ db })), keyRing: parseKeyRing(testKeys) },
        ...{ metrics: new Registry(), log: quietLog, now },
      });
      const app = createStreamer({
        ...{ log: quietLog, tokens, openBlob: blobs.open, cacheBytes: 1024 ** 2, now },
        ...{
          videos: { findPlayable: () => Promise.resolve(undefined) },
          publicStreamUrl: 'http://play.test',
        },
        ...{ apiKeys: { verify: () => Promise.resolve(undefined) }, checks: {}, metrics: new Registry() },
        ...{
          revocations: nothingRevoked,
          sessions: streamLog.sessions,
          devices: streamLog.devices,
          stopping: new AbortController().signal,
        },
      });
      const grant = { videoId, generation: 1, expiresAt: new Date(startTime + 7 * 86_400_000) };
      return {
        app,
        flush: streamLog.flush,
        /** How this device of a viewer who may watch on two fares with its master, then with a segment. */
        async begin(userAgent: string) {
          const viewer = { key: 'ada', issuedAt: new Date(startTime) };
          const limited = { ...grant, viewer, audience: { userId: 'ada', maxConcurrent: 2 } };
          const headers = { 'user-agent': userAgent };
          const reply = await app.inject({ url: `/stream/${tokens.sealEntry(limited)}.m3u8`, headers });
          const [, token = ''] = /^([\w-]+)\/v360\/media\.m3u8$/m.exec(reply.body) ?? [];
          const next = async () =>
            (await app.inject({ url: `/stream/${token}/${segment(0)}`, headers })).statusCode;
          return { statusCode: reply.statusCode, next, retryAfter: reply.headers['retry-after'] };
        },
        start: streamLog.start,
        async get(file: string, { method = 'GET', headers, cmcd, address }: Sent = {}) {
          const path =
            file === 'master' ? `${tokens.sealEntry(grant)}.m3u8` : `${tokens.sealMedia(grant)}/${file}`;
          const url = `/stream/${path}${cmcd === undefined ? '' : `?CMCD=${encodeURIComponent(cmcd)}`}`;
          const sent = { 'user-agent': firefox, ...headers };
          const reply = await app.inject({
            method,
            url,
            headers: sent,
            remoteAddress: address ?? '192.0.2.77',
          });
          expect([200, 206, 304]).toContain(reply.statusCode);
          return reply;
        },
      };
    });
    const rows = () =>
      db
        .model(PlaybackSession)
        .aggregate<PlaybackSession>([{ $sort: { firstSeenAt: 1, _id: 1 } }, { $set: sessionTotals }]);
    try {
      await work({ streamers: apps, rows, clock, db, videoId });
    } finally {
      await Promise.all(apps.map(({ app }) => app.close()));
    }
  });
}

const segment = (number: number, track = 'v360') => hlsFiles.segment(track, number, 1);

describe('the stream log', () => {
  it('says who watched what, from where, and how much of it', () =>
    withStreamers(async ({ streamers: [streamer], rows, clock, videoId }) => {
      const page = { referer: 'https://www.example.com/watch?secret' };
      await streamer?.get('master', { headers: page });
      await streamer?.get(segment(0), { method: 'HEAD' });
      await streamer?.get(segment(0), { headers: { range: 'bytes=0-1' } });
      for (const number of [0, 1, 2]) await streamer?.get(segment(number));
      await streamer?.flush();
      clock.now += 10_000;
      for (const number of [2, 3]) await streamer?.get(segment(number, 'v720'));
      for (const number of [0, 1, 2, 3]) await streamer?.get(segment(number, 'a0'));
      await streamer?.flush();

      const [row, ...others] = await rows();
      expect(others).toEqual([]);
      const { bytes, key, viewer, client, parts, ...rest } = row ?? ({} as PlaybackSession);
      expect(bytes).toBeGreaterThan(9 * SEGMENT_BYTES + 2);
      expect(bytes).toBeLessThan(10 * SEGMENT_BYTES);
      expect(Object.keys(parts ?? {})).toHaveLength(1);
      expect(`${key}${viewer}${client}`).toMatch(/^[\w-]{66}$/);
      expect(rest).toEqual({
        ...{ _id: `${key}.1`, ordinal: 1, ...place, videoId, generation: 1, day: '2026-03-01' },
        ...{ address: '192.0.2.0/24', userAgent: 'Firefox', referrerHost: 'www.example.com' },
        ...{ firstSeenAt: new Date(startTime), lastSeenAt: new Date(startTime + 10_000) },
        ...{ viewed: true, seconds: 8, rebuffers: 0, urgentRequests: 0 },
        renditions: [
          { name: '360p', bytes: 3 * SEGMENT_BYTES + 2, seconds: 6 },
          { name: '720p', bytes: 2 * SEGMENT_BYTES, seconds: 2 },
          { name: 'Audio 1', bytes: 4 * SEGMENT_BYTES, seconds: 8 },
        ],
        ...{ startupMs: null, rebufferMs: null, playedMs: null, switches: null, errorCode: null },
      });
    }));

  it('tells players behind one address apart, and takes what they say', () =>
    withStreamers(async ({ streamers: [streamer], rows }) => {
      await streamer?.get(segment(0), { cmcd: `br=800,sid="${sid}",st=v,su` });
      await streamer?.get(segment(1), { cmcd: `br=2800,bs,sid="${sid}"`, address: '2001:db8:1:2::3' });
      await streamer?.get(segment(1), { cmcd: 'sid="another-player"' });
      for (let number = 0; number < 11; number += 1) await streamer?.get(segment(number));
      await streamer?.flush();
      const found = (await rows()).toSorted((a, b) => a.seconds - b.seconds);
      expect(
        found.map(({ seconds, rebuffers, requestedKbps, urgentRequests, streamType, address }) => ({
          ...{ seconds, rebuffers, requestedKbps, urgentRequests, streamType, address },
        })),
      ).toEqual([
        { seconds: 2, rebuffers: 0, urgentRequests: 0, address: '192.0.2.0/24' },
        {
          ...{ seconds: 4, rebuffers: 1, requestedKbps: 2_800, urgentRequests: 1, streamType: 'v' },
          address: '192.0.2.0/24',
        },
        // Not 22: its last segment is shorter.
        { seconds: 21, rebuffers: 0, urgentRequests: 0, address: '192.0.2.0/24' },
      ]);
      expect(new Set(found.map(({ viewer }) => viewer)).size).toBe(1);
    }));

  it('has one session of a viewer whom several streamers serve, also one that was started anew', () =>
    withStreamers(
      async ({ streamers, rows }) => {
        const [first, second, third] = streamers;
        // At the same moment, the one not knowing of the other.
        await first?.get(segment(0));
        await second?.get(segment(0, 'a0'));
        await Promise.all([first?.flush(), second?.flush()]);
        await third?.get(segment(1));
        await third?.flush();
        await first?.get(segment(2));
        await first?.flush();
        const [row, ...others] = await rows();
        expect(others).toEqual([]);
        expect(row).toMatchObject({ bytes: 4 * SEGMENT_BYTES, ordinal: 1 });
        expect(Object.keys(row?.parts ?? {})).toHaveLength(3);
        expect(row?.renditions).toEqual([
          { name: '360p', bytes: 3 * SEGMENT_BYTES, seconds: 6 },
          { name: 'Audio 1', bytes: SEGMENT_BYTES, seconds: 2 },
        ]);
      },
      { streamers: 3 },
    ));

  it('lets a viewer watch on so many devices at a time, on whatever streamers', () =>
    withStreamers(
      async ({ streamers, clock }) => {
        const [one, other] = streamers;
        const [tv, phone] = [await one?.begin('tv'), await other?.begin('phone')];
        expect([tv?.statusCode, phone?.statusCode]).toEqual([200, 200]);
        const flush = () => Promise.all(streamers.map((streamer) => streamer.flush()));
        await flush();
        expect(await one?.begin('laptop')).toMatchObject({ statusCode: 429, retryAfter: '30' });
        expect((await other?.begin('tv'))?.statusCode).toBe(200);

        clock.now += 31_000;
        expect(await phone?.next()).toBe(200);
        await flush();
        expect((await one?.begin('laptop'))?.statusCode).toBe(200);
        expect((await one?.begin('console'))?.statusCode).toBe(429);
      },
      { streamers: 2 },
    ));

  it('begins another session after five minutes, wherever', () =>
    withStreamers(
      async ({ streamers: [first, second], rows, clock }) => {
        await first?.get(segment(0));
        await first?.flush();
        clock.now += SESSION_IDLE_MS;
        await second?.get(segment(1));
        await second?.flush();
        clock.now += SESSION_IDLE_MS + 1;
        await first?.get(segment(2));
        clock.now += SESSION_IDLE_MS + 1;
        await first?.get(segment(3));
        await first?.flush();
        expect((await rows()).map(({ ordinal, bytes }) => [ordinal, bytes])).toEqual([
          [1, 2 * SEGMENT_BYTES],
          [2, SEGMENT_BYTES],
          [3, SEGMENT_BYTES],
        ]);
      },
      { streamers: 2 },
    ));

  it('counts nothing twice and loses nothing where the database does not answer', () => {
    const failing = { before: false, after: false };
    const wrap = (store: SessionStore): SessionStore => ({
      ...store,
      async write(writes) {
        if (failing.before) throw new Error('cannot be reached');
        const refused = await store.write(writes);
        if (failing.after) throw new Error('has not answered');
        return refused;
      },
    });
    return withStreamers(
      async ({ streamers: [streamer], rows, clock }) => {
        failing.before = true;
        for (let number = 0; number < 6; number += 1) {
          await streamer?.get(segment(number));
          await streamer?.get(segment(number), { address: '198.51.100.1' });
          clock.now += 10_000;
          await expect(streamer?.flush()).rejects.toThrow('cannot be reached');
        }
        expect(await rows()).toEqual([]);
        Object.assign(failing, { before: false, after: true });
        await expect(streamer?.flush()).rejects.toThrow('has not answered');
        failing.after = false;
        await streamer?.flush();
        const found = await rows();
        expect(found.map(({ bytes, seconds }) => [bytes, seconds])).toEqual([
          [6 * SEGMENT_BYTES, 12],
          [6 * SEGMENT_BYTES, 12],
        ]);
      },
      { wrap },
    );
  });

  it('stores by itself, and at the end what came last', () =>
    withStreamers(async ({ streamers: [streamer], rows, db }) => {
      const lifecycle = createLifecycle({ log: quietLog });
      streamer?.start(lifecycle);
      await streamer?.get(segment(0));
      const deadline = AbortSignal.timeout(10_000);
      while ((await db.model(PlaybackSession).countDocuments()) === 0) deadline.throwIfAborted();
      await streamer?.get(segment(1));
      await lifecycle.close();
      expect(await rows()).toMatchObject([{ bytes: 2 * SEGMENT_BYTES }]);
    }));

  it('knows the project of a video that was just deleted, and lets go of one that never was', () =>
    withStreamers(async ({ streamers: [streamer], rows, db, videoId }) => {
      await streamer?.get(segment(0));
      await db.model(Video).deleteOne({ _id: videoId });
      await streamer?.flush();
      expect(await rows()).toEqual([]);
      const gone = { _id: videoId, ...place, deletedAt: new Date(), purgeAt: new Date(), usage: {} };
      await db.model(DeletedVideo).create(gone);
      await streamer?.get(segment(1));
      await streamer?.flush();
      expect(await rows()).toMatchObject([{ ...place, seconds: 4, bytes: SEGMENT_BYTES }]);
    }));
});
