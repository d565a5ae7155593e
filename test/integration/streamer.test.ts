import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from '@jest/globals';
import { createApiKeyVerifier, issueApiKey } from '../../platform/api-keys.js';
import { connectBlobContainer, type BlobContainer } from '../../platform/blob.js';
import { deletePrefix } from '../../platform/delete-prefix.js';
import { createMetrics } from '../../platform/metrics.js';
import type { Database } from '../../platform/mongo.js';
import { createTokens } from '../../platform/tokens.js';
import { ApiKey } from '../../schema/api-key.js';
import { generationPrefix } from '../../schema/blob-paths.js';
import { newId } from '../../schema/ids.js';
import { Video } from '../../schema/video.js';
import { createStreamer } from '../../streamer/app.js';
import { createBlobReader, type BlobReader } from '../../platform/blob-reader.js';
import { createReadUrls } from '../../platform/read-urls.js';
import { createVideoStore } from '../../streamer/video-store.js';
import {
  anyDevice,
  nothingRevoked,
  publishedFiles,
  testKeys,
  unstoredSessions,
} from '../support/streamer-fixture.js';
import { quietLog, stackSetting, withTestDatabase } from '../support/test-database.js';

interface Fixture {
  app: FastifyInstance;
  hls: BlobContainer;
  videoId: string;
  /** May sign playback of the video's project. */
  apiKey: string;
}

/** Runs `work` on a published video in real storage and a real database, and a streamer on top. */
async function withPublishedVideo(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  await withTestDatabase([Video, ApiKey], async (db) => {
    const place = {
      connectionString: stackSetting('AZURE_STORAGE_CONNECTION_STRING'),
      container: 'test-streamer',
    };
    const hls = connectBlobContainer(place);
    const stored = await storeVideo(db, hls);
    const blobs = createBlobReader({ readUrls: createReadUrls(place) });
    const app = streamerOn(db, hls, blobs);
    try {
      await work({ app, hls, ...stored });
    } finally {
      await app.close();
      await blobs.close();
      await deletePrefix(hls, `${stored.videoId}/`);
    }
  });
}

async function storeVideo(db: Database, hls: BlobContainer): Promise<{ videoId: string; apiKey: string }> {
  await hls.ensure();
  const [videoId, organizationId, projectId] = [newId('video'), newId('org'), newId('project')];
  for (const [name, body] of Object.entries(publishedFiles)) {
    await hls.put(generationPrefix(videoId, 1) + name, body, { contentType: 'application/octet-stream' });
  }
  await db.model(Video).create({
    ...{ _id: videoId, organizationId, projectId, title: 'A film', generation: 1, playable: true },
    ...{ uploadStatus: 'RECEIVED', status: 'PROCESSING', progress: { stage: 'TRANSCODING', at: new Date() } },
  });
  const { key, document } = issueApiKey({
    ...{ name: 'test', scopes: ['playback:sign'], organizationId, projectId },
  });
  await db.model(ApiKey).create(document);
  return { videoId, apiKey: key };
}

const streamerOn = (db: Database, hls: BlobContainer, blobs: BlobReader): FastifyInstance =>
  createStreamer({
    log: quietLog,
    tokens: createTokens({ keys: testKeys }),
    openBlob: (name, signal) => blobs.open(name, signal),
    cacheBytes: 1024 * 1024,
    videos: createVideoStore({ db }),
    revocations: nothingRevoked,
    apiKeys: createApiKeyVerifier({ db }),
    publicStreamUrl: 'http://play.test',
    metrics: createMetrics('streamer'),
    sessions: unstoredSessions(),
    devices: anyDevice,
    checks: { blob: () => hls.isReady(), mongo: () => db.isReady() },
    stopping: new AbortController().signal,
  });

/** What a player would ask for next: each URI of a playlist, resolved against its own URL. */
const urisOf = (playlist: string, url: string): string[] =>
  [...playlist.matchAll(/URI="([^"]+)"|^([^#\n]+)$/gm)].map(
    ([, attribute, line]) => new URL(attribute ?? line ?? '', `http://play.test${url}`).pathname,
  );

describe('the streamer on real storage and a real database', () => {
  it('leads from a video id to its segments, as they are stored', () =>
    withPublishedVideo(async ({ app, videoId, apiKey }) => {
      const video = await app.inject({
        url: `/videos/${videoId}`,
        headers: { authorization: `Bearer ${apiKey}` },
      });
      const { playback } = video.json<{ playback: { url: string; posterUrl: string | null } }>();
      expect(playback.posterUrl).toBeNull();

      const entry = new URL(playback.url).pathname;
      const master = await app.inject(entry);
      const playlists = urisOf(master.body, entry);
      expect(playlists).toHaveLength(3);
      for (const url of playlists) {
        const playlist = await app.inject(url);
        expect(playlist.statusCode).toBe(200);
        expect(playlist.headers.etag).toMatch(/^"0x/);
      }
      const [segment = ''] = urisOf((await app.inject(playlists[1] ?? '')).body, playlists[1] ?? '');
      const reply = await app.inject({ url: segment, headers: { range: 'bytes=3-5' } });
      expect([reply.statusCode, reply.body]).toEqual([206, '345']);
    }));

  it('shows a growing playlist as it grows', () =>
    withPublishedVideo(async ({ app, hls, videoId, apiKey }) => {
      const headers = { 'x-api-key': apiKey };
      const { playback } = (await app.inject({ url: `/videos/${videoId}`, headers })).json<{
        playback: { url: string };
      }>();
      const entry = new URL(playback.url).pathname;
      const url = urisOf((await app.inject(entry)).body, entry)[1] ?? '';
      const before = await app.inject(url);
      const longer = Buffer.from(`${before.body}#EXTINF:4.000000,\ns00001.1.m4s\n#EXT-X-ENDLIST\n`);
      await hls.put(`${generationPrefix(videoId, 1)}v360/media.m3u8`, longer, { contentType: 'text/plain' });

      const deadline = AbortSignal.timeout(10_000);
      let now = before;
      while (now.body === before.body && !deadline.aborted) now = await app.inject(url);
      expect(now.rawPayload).toEqual(longer);
      expect(now.headers['cache-control']).toMatch(/immutable$/);
      const stale = await app.inject({ url, headers: { 'if-none-match': String(before.headers.etag) } });
      expect(stale.statusCode).toBe(200);
    }));

  it('shows no playback to strangers, and no video that cannot be played', () =>
    withPublishedVideo(async ({ app, videoId }) => {
      const headers = { authorization: `Bearer ${issueApiKey({ name: 'other', scopes: ['admin'] }).key}` };
      const stranger = await app.inject({ url: `/videos/${videoId}`, headers });
      expect(stranger.statusCode).toBe(200);
      expect(stranger.json()).not.toHaveProperty('playback');
      expect((await app.inject(`/videos/${newId('video')}`)).statusCode).toBe(404);
    }));

  it('stops playback of a video whose files were deleted', () =>
    withPublishedVideo(async ({ app, hls, videoId, apiKey }) => {
      const headers = { 'x-api-key': apiKey };
      const { playback } = (await app.inject({ url: `/videos/${videoId}`, headers })).json<{
        playback: { url: string };
      }>();
      await deletePrefix(hls, `${videoId}/`);
      expect((await app.inject(new URL(playback.url).pathname)).statusCode).toBe(404);
    }));

  it('is ready when both answer', () =>
    withPublishedVideo(async ({ app }) => {
      const reply = await app.inject('/readyz');
      expect(reply.json()).toEqual({ status: 'ready', notReady: [] });
    }));
});
