import { describe, expect, it } from '@jest/globals';
import type { VerifiedKey } from '../platform/api-keys.js';
import { newId } from '../schema/ids.js';
import { startTime, withStreamer } from '../test/support/streamer-fixture.js';
import type { PlayableVideo } from './video-store.js';

const projectId = newId('project');
const rendition = { name: '360p', width: 640, height: 360, frameRate: 30, codecs: 'avc1.64001E' };

const readyVideo = (): PlayableVideo => ({
  _id: newId('video'),
  projectId,
  title: 'A film',
  status: 'READY',
  generation: 2,
  source: { filename: 'private-name.mov', sizeBytes: 1, width: 640, height: 360, durationSeconds: 12.5 },
  renditions: [{ ...rendition, bandwidthBps: 800_000, averageBandwidthBps: 600_000 }],
  createdAt: new Date('2026-03-01T10:00:00Z'),
  readyAt: new Date('2026-03-01T10:01:00Z'),
  project: {},
});

const keyFor = (key: Partial<VerifiedKey>): VerifiedKey => ({ keyId: 'key_a', scopes: [], ...key });

describe('GET /videos/:videoID', () => {
  it('tells everybody the public facts and nothing else', () =>
    withStreamer(async ({ app, videos }) => {
      const video = readyVideo();
      videos.set(video._id, video);
      const reply = await app.inject(`/videos/${video._id}`);
      expect(reply.json()).toEqual({
        id: video._id,
        title: 'A film',
        status: 'READY',
        durationSeconds: 12.5,
        width: 640,
        height: 360,
        createdAt: '2026-03-01T10:00:00.000Z',
        readyAt: '2026-03-01T10:01:00.000Z',
        publicUrl: null,
        renditions: [{ ...rendition, bandwidthBps: 800_000, averageBandwidthBps: 600_000 }],
      });
      expect(reply.headers.vary).toBe('Authorization, X-API-Key, Origin');
      expect(reply.headers['cache-control']).toMatch(/^public/);
    }));

  it('answers 304 to who has these facts, until they change', () =>
    withStreamer(async ({ app, videos, apiKeys }) => {
      const video = readyVideo();
      videos.set(video._id, video);
      const url = `/videos/${video._id}`;
      const first = await app.inject(url);
      const etag = String(first.headers.etag);
      expect(etag).toMatch(/^"[\w-]{20,}"$/);
      // Read anew from the database: other objects, the same facts.
      videos.set(video._id, { ...readyVideo(), _id: video._id });
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await app.inject({ url, headers: { 'if-none-match': known } });
        expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
        expect(again.headers).toMatchObject({
          vary: first.headers.vary,
          'cache-control': first.headers['cache-control'],
        });
      }
      videos.set(video._id, { ...video, title: 'Another title' });
      const changed = await app.inject({ url, headers: { 'if-none-match': etag } });
      expect(changed.statusCode).toBe(200);
      expect(changed.json()).toMatchObject({ title: 'Another title' });
      expect(changed.headers.etag).not.toBe(etag);
      apiKeys.set('k', keyFor({ scopes: ['admin'] }));
      const signed = await app.inject({ url, headers: { 'if-none-match': '*', 'x-api-key': 'k' } });
      expect(signed.json()).toHaveProperty('playback');
      expect(signed.headers.etag).toBeUndefined();
    }));

  it.each([
    [
      'a key of the project as a bearer',
      { authorization: 'Bearer k' },
      { projectId, scopes: ['playback:sign'] },
    ],
    ['a key of the project in X-API-Key', { 'x-api-key': 'k' }, { projectId, scopes: ['playback:sign'] }],
    ['a key of the installation', { 'x-api-key': 'k' }, { scopes: ['admin'] }],
  ] as const)('tells %s where to play', (_whose, headers, key) =>
    withStreamer(async ({ app, videos, apiKeys, sources, tokens }) => {
      const video = readyVideo();
      videos.set(video._id, video);
      apiKeys.set('k', keyFor(key));
      const origin = 'https://app.example.com';
      const reply = await app.inject({ url: `/videos/${video._id}`, headers: { ...headers, origin } });
      expect(sources).toEqual([{ address: '127.0.0.1', origin }]);
      const { playback } = reply.json<{ playback: Record<string, string> }>();
      const [, token = ''] = /^http:\/\/play\.test\/stream\/([\w-]+)\.m3u8$/.exec(playback.url ?? '') ?? [];
      expect(tokens.open(token, 'entry')).toMatchObject({ videoId: video._id, generation: 2 });
      expect(playback.posterUrl).toMatch(/\/poster\.jpg$/);
      expect(playback.storyboardUrl).toMatch(/\/storyboard\.vtt$/);
      expect(playback.expiresAt).toBe(new Date(startTime + 3_600_000).toISOString());
      expect(reply.headers['cache-control']).toBe('private, no-store');
    }),
  );

  it.each([
    ['a key of another project', { projectId: newId('project'), scopes: ['playback:sign'] }],
    ['a key that may not sign', { projectId, scopes: ['video:read'] }],
  ] as const)('does not tell %s', (_whose, key) =>
    withStreamer(async ({ app, videos, apiKeys }) => {
      const video = readyVideo();
      videos.set(video._id, video);
      apiKeys.set('k', keyFor(key));
      const reply = await app.inject({ url: `/videos/${video._id}`, headers: { 'x-api-key': 'k' } });
      expect(reply.statusCode).toBe(200);
      expect(reply.json()).not.toHaveProperty('playback');
    }),
  );

  it('promises no pictures before the video is finished', () =>
    withStreamer(async ({ app, videos, apiKeys }) => {
      const video: PlayableVideo = { ...readyVideo(), status: 'PROCESSING', readyAt: undefined };
      videos.set(video._id, video);
      apiKeys.set('k', keyFor({ scopes: ['admin'] }));
      const reply = await app.inject({ url: `/videos/${video._id}`, headers: { 'x-api-key': 'k' } });
      expect(reply.json()).toMatchObject({
        readyAt: null,
        playback: { posterUrl: null, storyboardUrl: null },
      });
    }));

  it('answers alike to ids that are missing, malformed or of something else', () =>
    withStreamer(async ({ app }) => {
      const ids = [newId('video'), newId('project'), 'x', '%zz', 'v'.repeat(500), '..%2f..'];
      const answers = await Promise.all(ids.map((id) => app.inject(`/videos/${id}`)));
      const seen = answers.map((reply) => {
        const { requestId: _, ...problem } = reply.json<Record<string, unknown>>();
        return [reply.statusCode, problem, reply.headers['cache-control']];
      });
      expect(seen[0]?.[0]).toBe(404);
      for (const answer of seen) expect(answer).toEqual(seen[0]);
    }));
});
