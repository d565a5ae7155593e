import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../schema/blob-paths.js';
import { newId } from '../schema/ids.js';
import { type Revocation, subjectOf } from '../schema/revocation.js';
import type { Project } from '../schema/project.js';
import { publish, startTime, type StreamerFixture, withStreamer } from '../test/support/streamer-fixture.js';
import type { PlayableVideo } from './video-store.js';

const segment = hlsFiles.segment('v360', 0, 1);

/** Begins to watch as a named viewer; says what the next segment is answered with. */
async function watch(streamer: StreamerFixture, videoId: string, key: string) {
  const viewer = { key, issuedAt: new Date(startTime) };
  const { entryUrl } = publish(streamer, { videoId, viewer });
  const master = await streamer.app.inject(entryUrl);
  const [, token = ''] = /^([\w-]+)\/v360\/media\.m3u8$/m.exec(master.body) ?? [];
  const sessionId = streamer.tokens.open(token, 'media')?.viewer?.sessionId ?? '';
  const next = async () => (await streamer.app.inject(`/stream/${token}/${segment}`)).statusCode;
  const again = async () => (await streamer.app.inject(entryUrl)).statusCode;
  return { sessionId, next, again };
}

const revoke = ({ revocations }: StreamerFixture, revocation: Revocation): void =>
  revocations.set(subjectOf(revocation), revocation);

describe('what a viewer was given', () => {
  it('is a session of its own each time the master is opened', () =>
    withStreamer(async (streamer) => {
      const viewers = [await watch(streamer, 'video_a', 'ada'), await watch(streamer, 'video_a', 'ada')];
      expect(new Set(viewers.map(({ sessionId }) => sessionId)).size).toBe(2);
      expect(await Promise.all(viewers.map(({ next }) => next()))).toEqual([200, 200]);
    }));

  it.each<[string, (of: { sessionId: string }) => Revocation]>([
    ['session', ({ sessionId }) => ({ kind: 'session', videoId: 'video_a', sessionId })],
    ['viewer', () => ({ kind: 'viewer', viewerKey: 'viewer 2', issuedBefore: startTime + 1 })],
  ])('ends with its %s, and nobody else is disturbed', (kind, revocationOf) =>
    withStreamer(async (streamer) => {
      const viewers = await Promise.all(
        [0, 1, 2, 3, 4].map((n) => watch(streamer, 'video_a', `viewer ${n}`)),
      );
      const all = () => Promise.all(viewers.map(({ next }) => next()));
      expect(await all()).toEqual([200, 200, 200, 200, 200]);
      const third = viewers[2] ?? { sessionId: '', again: () => Promise.resolve(0) };
      revoke(streamer, revocationOf(third));
      expect(await all()).toEqual([200, 200, 403, 200, 200]);
      // The URL that a session began with begins another one.
      expect(await third.again()).toBe(kind === 'session' ? 200 : 403);
    }),
  );

  it('ends with its video, and with the key it was sealed with', () =>
    withStreamer(async (streamer) => {
      const [a, b] = [await watch(streamer, 'video_a', 'ada'), await watch(streamer, 'video_b', 'ada')];
      revoke(streamer, { kind: 'video', videoId: 'video_a', belowEpoch: 1 });
      expect([await a.next(), await a.again(), await b.next()]).toEqual([403, 403, 200]);
      revoke(streamer, { kind: 'key', keyId: 'k1' });
      expect([await b.next(), await b.again()]).toEqual([403, 403]);
    }));
});

const storeVideo = ({ videos, blobs, tokens }: StreamerFixture, project: Partial<Project>) => {
  const video = {
    ...{ _id: newId('video'), projectId: newId('project'), title: 'A film', status: 'READY', generation: 1 },
    ...{ renditions: [], createdAt: new Date(startTime), readyAt: new Date(startTime), project },
  };
  publish({ blobs, tokens }, { videoId: video._id });
  videos.set(video._id, video as PlayableVideo);
  return video;
};

describe('a public video', () => {
  it('plays by its id alone, for as long as its project is public', () =>
    withStreamer(async (streamer) => {
      const { app, clock, videos } = streamer;
      const video = storeVideo(streamer, { playbackPolicy: 'PUBLIC' });
      const url = `/stream/${video._id}.m3u8`;
      const master = await app.inject(url);
      expect(master.headers['cache-control']).toBe('public, max-age=5');
      const [, media = ''] = /^([\w-]+\/v360\/)media\.m3u8$/m.exec(master.body) ?? [];
      expect((await app.inject(`/stream/${media}s00000.1.m4s`)).statusCode).toBe(200);
      const poster = await app.inject(`/stream/${video._id}/poster.jpg`);
      expect(poster.body).toBe('poster');
      clock.now += 365 * 86_400_000;
      expect((await app.inject(url)).statusCode).toBe(200);

      videos.set(video._id, { ...video, project: {} } as PlayableVideo);
      clock.now += 5_000;
      expect((await app.inject(url)).statusCode).toBe(403);
    }));

  it('stops in the middle where its project is not public any more', () =>
    withStreamer(async (streamer) => {
      const { app, clock, videos } = streamer;
      const video = storeVideo(streamer, { playbackPolicy: 'PUBLIC' });
      const { body } = await app.inject(`/stream/${video._id}.m3u8`);
      const [, media = ''] = /^([\w-]+\/v360\/)media\.m3u8$/m.exec(body) ?? [];
      const next = async () => (await app.inject(`/stream/${media}s00000.1.m4s`)).statusCode;
      expect(await next()).toBe(200);
      videos.set(video._id, { ...video, project: {} } as PlayableVideo);
      clock.now += 5_000;
      // This one asks; it is answered by what was known.
      await next();
      expect(await next()).toBe(403);
    }));

  it('is refused like a bad token where its project is not public, or there is none', () =>
    withStreamer(async (streamer) => {
      const video = storeVideo(streamer, {});
      for (const id of [video._id, newId('video'), 'video_x']) {
        const reply = await streamer.app.inject(`/stream/${id}.m3u8`);
        expect([reply.statusCode, reply.json()]).toEqual([
          403,
          expect.objectContaining({ code: 'FORBIDDEN' }),
        ]);
      }
    }));
});

describe('origins that may play', () => {
  it('are told to browsers, and kept apart by caches', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl, entryUrl } = publish(streamer, { origins: ['https://a.example'] });
      for (const [url, vary] of [
        [entryUrl, 'Origin, Accept-Encoding'],
        [mediaUrl(segment), 'Origin'],
      ]) {
        const from = async (origin?: string) => {
          const { headers } = await streamer.app.inject({ url, headers: origin ? { origin } : {} });
          return [headers['access-control-allow-origin'], headers.vary];
        };
        expect(await from('https://a.example')).toEqual(['https://a.example', vary]);
        expect(await from('https://b.example')).toEqual([undefined, vary]);
        expect(await from()).toEqual([undefined, vary]);
      }
    }));
});
