import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../../schema/blob-paths.js';
import {
  publish,
  startTime,
  type StreamerFixture,
  withStreamer,
} from '../../test/support/streamer-fixture.js';
import { MAX_EVENTS } from './event-rates.js';

const sid = '6e2fb550-c457-11e9';
const segment = hlsFiles.segment('v360', 0, 1);

interface Sent {
  type?: string;
  headers?: Record<string, string>;
  remoteAddress?: string;
}

const post = (
  { app }: StreamerFixture,
  body: unknown,
  { type = 'application/json', headers, ...from }: Sent = {},
) =>
  app.inject({
    ...{ method: 'POST', url: '/stream-events', ...from },
    headers: { 'content-type': type, ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('POST /stream-events', () => {
  it('adds what a player says to the session that its requests are of', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl, entryUrl } = publish(streamer);
      const cmcd = encodeURIComponent(`sid="${sid}"`);
      await streamer.app.inject(`${mediaUrl(segment)}?CMCD=${cmcd}`);
      const playback = `https://cdn.test/films${entryUrl}`;
      const said = {
        playback,
        sid,
        msd: 800,
        bsa: 1,
        bsda: 300,
        playedMs: 4_000,
        switches: 2,
        ec: ['a', 'b'],
      };
      const reply = await post(streamer, said);
      expect([reply.statusCode, reply.body]).toEqual([204, '']);
      expect(reply.headers['access-control-allow-origin']).toBe('*');
      const [session, ...others] = streamer.sessions.changed();
      expect(others).toEqual([]);
      expect(session?.pictures.size).toBe(1);
      expect(session?.report).toEqual({
        ...{ startupMs: 800, rebuffers: 1, rebufferMs: 300, playedMs: 4_000, switches: 2, errorCode: 'b' },
      });
    }));

  it('takes an entry token, a media token and URLs under either, as beacons send them', () =>
    withStreamer(async (streamer) => {
      const { entry, media, mediaUrl, entryUrl } = publish(streamer);
      for (const playback of [entry, media, entryUrl, mediaUrl(segment)]) {
        const type = 'text/plain;charset=UTF-8';
        expect((await post(streamer, { playback, msd: 1 }, { type })).statusCode).toBe(204);
      }
      // The same program at the same address.
      expect(streamer.sessions.changed()).toHaveLength(1);
    }));

  it('refuses a playback that does not open, or not for who tells of it', () =>
    withStreamer(async (streamer) => {
      const { media } = publish(streamer);
      const bound = publish(streamer, { audience: { referrers: ['www.example.com'] } });
      const expired = { videoId: 'video_a', generation: 1, expiresAt: new Date(startTime - 60_001) };
      const bad = [
        `${media}x`,
        '/stream/',
        `/stream/${media}/source`,
        streamer.tokens.sealEntry(expired),
        bound.entryUrl,
      ];
      for (const playback of bad) {
        const reply = await post(streamer, { playback, sid });
        expect(reply.statusCode).toBe(403);
        expect(reply.json()).toMatchObject({ code: 'FORBIDDEN' });
      }
      expect(streamer.sessions.size).toBe(0);
      const headers = { referer: 'https://www.example.com/watch' };
      expect((await post(streamer, { playback: bound.entryUrl, sid }, { headers })).statusCode).toBe(204);
    }));

  it.each([
    ['', 'body'],
    ['{', 'body'],
    ['[]', 'body'],
    [{}, 'playback'],
    [{ playback: 'x', sid: 'short' }, 'sid'],
    [{ playback: 'x', msd: -1 }, 'msd'],
    [{ playback: 'x', bsda: 86_400_001 }, 'bsda'],
    [{ playback: 'x', ec: 'e'.repeat(65) }, 'ec'],
  ])('says what is wrong with %j', (body, field) =>
    withStreamer(async (streamer) => {
      const reply = await post(streamer, body);
      expect(reply.json()).toMatchObject({ code: 'BAD_USER_INPUT', field, status: 400 });
    }),
  );

  it('refuses what is too long, or of another type', () =>
    withStreamer(async (streamer) => {
      expect((await post(streamer, { playback: 'x'.repeat(9_000) })).json()).toMatchObject({
        code: 'UPLOAD_TOO_LARGE',
      });
      expect((await post(streamer, '<a/>', { type: 'text/xml' })).json()).toMatchObject({
        code: 'UNSUPPORTED_CONTENT_TYPE',
      });
    }));

  it('takes so many from an address and no more, until some time has passed', () =>
    withStreamer(async (streamer) => {
      const { entry } = publish(streamer);
      const from = (remoteAddress: string) => post(streamer, { playback: entry, sid }, { remoteAddress });
      for (let sent = 0; sent < MAX_EVENTS; sent += 1) await from('192.0.2.1');
      const refused = await from('192.0.2.1');
      expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
      expect(refused.headers['retry-after']).toBe('10');
      expect((await from('192.0.2.2')).statusCode).toBe(204);
      streamer.clock.now += 10_000;
      expect((await from('192.0.2.1')).statusCode).toBe(204);
    }));

  it('answers preflights', () =>
    withStreamer(async ({ app }) => {
      const reply = await app.inject({ method: 'OPTIONS', url: '/stream-events' });
      expect(reply.headers['access-control-allow-methods']).toBe('POST, OPTIONS');
      expect(reply.headers['access-control-allow-headers']).toMatch(/\bContent-Type\b/);
    }));
});

describe('CMCD in a query', () => {
  it('neither makes a file another one for the cache nor comes into the log', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl, prefix } = publish(streamer);
      for (const own of ['secret-session-1', 'secret-session-2']) {
        const reply = await streamer.app.inject(
          `${mediaUrl(segment)}?CMCD=${encodeURIComponent(`sid="${own}"`)}`,
        );
        expect(reply.statusCode).toBe(200);
      }
      expect(streamer.blobs.reads.filter((key) => key === prefix + segment)).toHaveLength(1);
      expect(streamer.sessions.changed()).toHaveLength(2);
      expect(streamer.logged()).not.toContain('secret-session');
    }));
});
