import { describe, expect, it } from '@jest/globals';
import { hlsFiles, withdrawnKey } from '../schema/blob-paths.js';
import { createTokens } from '../platform/tokens.js';
import {
  publish,
  publishedFiles,
  startTime,
  type StreamerFixture,
  withStreamer,
} from '../test/support/streamer-fixture.js';

const segment = hlsFiles.segment('v360', 0, 1);

describe('GET /stream/<entry token>.m3u8', () => {
  it('answers with the master, every URI of it below a media token that works', () =>
    withStreamer(async (streamer) => {
      const { entryUrl, media } = publish(streamer);
      const reply = await streamer.app.inject(entryUrl);
      expect(reply.statusCode).toBe(200);
      expect(reply.headers['content-type']).toBe('application/vnd.apple.mpegurl');
      expect(reply.headers['cache-control']).toBe('private, no-store');
      expect(reply.body).toContain(`URI="${media}/a0/media.m3u8"`);
      expect(reply.body).toContain(`URI="${media}/v360/iframes.m3u8"`);
      const [, uri = ''] = /^([\w-]+\/v360\/media\.m3u8)$/m.exec(reply.body) ?? [];
      const playlist = await streamer.app.inject(new URL(uri, `http://play.test${entryUrl}`).pathname);
      expect(playlist.rawPayload).toEqual(publishedFiles['v360/media.m3u8']);
    }));
});

describe('GET /stream/<media token>/<file>', () => {
  it.each([
    [segment, 'video/mp4', 'public, max-age=3600, immutable'],
    [hlsFiles.init('v360', 1), 'video/mp4', 'public, max-age=3600, immutable'],
    [hlsFiles.iframes('v360'), 'application/vnd.apple.mpegurl', 'public, max-age=3600, immutable'],
    [hlsFiles.media('a0'), 'application/vnd.apple.mpegurl', 'public, max-age=3600, immutable'],
    [hlsFiles.media('v360'), 'application/vnd.apple.mpegurl', 'public, max-age=2'],
    [hlsFiles.sprite(0, 1), 'image/jpeg', 'public, max-age=3600, immutable'],
    [hlsFiles.poster, 'image/jpeg', 'public, max-age=300'],
    [hlsFiles.storyboard, 'text/vtt; charset=utf-8', 'public, max-age=300'],
  ])('serves %s byte for byte', (file, type, cacheControl) =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      // The token's bucket ends at noon.
      streamer.clock.now = Date.parse('2026-03-01T11:00:00Z');
      const reply = await streamer.app.inject(mediaUrl(file));
      expect(reply.statusCode).toBe(200);
      expect(reply.rawPayload).toEqual(publishedFiles[file]);
      expect(reply.headers).toMatchObject({
        'content-type': type,
        'cache-control': cacheControl,
        'content-length': String(publishedFiles[file]?.length),
        'accept-ranges': 'bytes',
        'access-control-allow-origin': '*',
      });
    }),
  );

  it('answers HEAD with the same headers and no body', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const get = await streamer.app.inject(mediaUrl(segment));
      const head = await streamer.app.inject({ method: 'HEAD', url: mediaUrl(segment) });
      expect(head.statusCode).toBe(200);
      expect(head.headers['content-length']).toBe('10');
      expect(head.headers.etag).toBe(get.headers.etag);
      expect(head.rawPayload.length).toBe(0);
      const has = { range: 'bytes=0-1', 'if-none-match': String(get.headers.etag) };
      const known = await streamer.app.inject({ method: 'HEAD', url: mediaUrl(segment), headers: has });
      expect([known.statusCode, known.headers.etag]).toEqual([304, get.headers.etag]);
      const part = await streamer.app.inject({
        ...{ method: 'HEAD', url: mediaUrl(segment), headers: { range: 'bytes=0-1' } },
      });
      expect([part.statusCode, part.headers['content-length']]).toEqual([200, '10']);
    }));

  it('tells pages how it came by a file, and no more', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const timing = async (file: string) => {
        const { headers } = await streamer.app.inject(mediaUrl(file));
        expect(headers['timing-allow-origin']).toBe('*');
        return headers['server-timing'];
      };
      expect(await timing(segment)).toMatch(/^storage;dur=\d+, cache;desc=miss$/);
      expect(await timing(segment)).toBe('cache;desc=hit');
      const playlist = hlsFiles.media('v360');
      expect(await timing(playlist)).toMatch(/^storage;dur=\d+, cache;desc=miss$/);
      streamer.clock.now += 1_000;
      expect(await timing(playlist)).toBe('cache;desc=refresh');
      streamer.clock.now += 10_000;
      streamer.blobs.down = true;
      expect(await timing(playlist)).toMatch(/^storage;dur=\d+, cache;desc=stale$/);
      expect(await timing(hlsFiles.poster)).toMatch(/^storage;dur=\d+$/);
    }));

  it('reads the next segment of the track before it is asked for', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl, prefix } = publish(streamer);
      const next = hlsFiles.segment('v360', 1, 3);
      const longer = `${String(publishedFiles['v360/media.m3u8'])}#EXTINF:4.000000,\ns00001.3.m4s\n`;
      streamer.blobs.files.set(prefix + hlsFiles.media('v360'), Buffer.from(longer));
      streamer.blobs.files.set(prefix + next, Buffer.from('next'));
      await streamer.app.inject(mediaUrl(hlsFiles.media('v360')));
      await streamer.app.inject(mediaUrl(segment));
      expect(streamer.blobs.reads).toContain(prefix + next);
      expect((await streamer.app.inject(mediaUrl(next))).headers['server-timing']).toBe('cache;desc=hit');
      expect(streamer.blobs.reads.filter((key) => key === prefix + next)).toHaveLength(1);
    }));

  it('serves what it holds while storage hangs, and tells the rest to come back', () =>
    withStreamer(
      async (streamer) => {
        const { mediaUrl, entryUrl } = publish(streamer);
        const playing = [entryUrl, mediaUrl(hlsFiles.media('v360')), mediaUrl(segment)];
        for (const url of playing) expect((await streamer.app.inject(url)).statusCode).toBe(200);
        streamer.blobs.read = () => new Promise(() => undefined);
        streamer.clock.now += 30_000;
        for (const url of playing) expect((await streamer.app.inject(url)).statusCode).toBe(200);
        const unknown = await streamer.app.inject(mediaUrl(hlsFiles.poster));
        expect([unknown.statusCode, unknown.headers['retry-after']]).toEqual([503, '2']);
      },
      { patience: { withCopyMs: 0, withoutMs: 50 } },
    ));

  it('answers "not modified" to whoever has this version', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const { headers } = await streamer.app.inject(mediaUrl(segment));
      const again = await streamer.app.inject({
        url: mediaUrl(segment),
        headers: { 'if-none-match': String(headers.etag), range: 'bytes=0-1' },
      });
      expect(again.statusCode).toBe(304);
      expect(again.headers.etag).toBe(headers.etag);
      expect(again.headers['cache-control']).toBe(headers['cache-control']);
      expect(again.rawPayload.length).toBe(0);
    }));

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=99-', 416, '', 'bytes */10'],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
  ])('answers the range %s with %d', (range, status, body, contentRange) =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const reply = await streamer.app.inject({ url: mediaUrl(segment), headers: { range } });
      expect(reply.statusCode).toBe(status);
      expect(reply.body).toBe(body);
      expect(reply.headers['content-range']).toBe(contentRange);
      expect(reply.headers['content-length']).toBe(String(body.length));
    }),
  );

  it('answers with the whole file where If-Range names another version', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const headers = { range: 'bytes=0-1', 'if-range': '"other"' };
      const reply = await streamer.app.inject({ url: mediaUrl(segment), headers });
      expect([reply.statusCode, reply.body]).toEqual([200, '0123456789']);
    }));

  it('reads storage once for a crowd', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl, prefix } = publish(streamer);
      const crowd = Array.from({ length: 20 }, () => streamer.app.inject(mediaUrl(segment)));
      const statuses = (await Promise.all(crowd)).map(({ statusCode }) => statusCode);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(streamer.blobs.reads.filter((key) => key === prefix + segment)).toHaveLength(1);
    }));

  it('serves what it holds while storage is down, and tells the rest to come back', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl, entryUrl } = publish(streamer);
      const playing = [entryUrl, mediaUrl(hlsFiles.media('v360')), mediaUrl(segment)];
      for (const url of playing) expect((await streamer.app.inject(url)).statusCode).toBe(200);
      streamer.blobs.down = true;
      streamer.clock.now += 30_000;
      for (const url of playing) expect((await streamer.app.inject(url)).statusCode).toBe(200);
      const unknown = await streamer.app.inject(mediaUrl(hlsFiles.poster));
      expect(unknown.statusCode).toBe(503);
      expect(unknown.json()).toMatchObject({ code: 'UNAVAILABLE' });
      expect(unknown.headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store' });
    }));

  it('stops serving a deleted video from memory', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const status = async () => (await streamer.app.inject(mediaUrl(segment))).statusCode;
      expect(await status()).toBe(200);
      streamer.blobs.files.clear();
      streamer.clock.now += 5_000;
      await status();
      expect(await status()).toBe(404);
    }));

  it('serves nothing of a video that is withdrawn, until it comes back', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const { files } = streamer.blobs;
      const status = async () => (await streamer.app.inject(mediaUrl(segment))).statusCode;
      expect(await status()).toBe(200);
      for (const [isWithdrawn, then] of [
        [true, 404],
        [false, 200],
      ] as const) {
        if (isWithdrawn) files.set(withdrawnKey('video_a'), Buffer.alloc(0));
        else files.delete(withdrawnKey('video_a'));
        streamer.clock.now += 5_000;
        await status();
        expect(await status()).toBe(then);
      }
    }));

  it('answers 404 to a file that is not there, and lets nobody keep that', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const reply = await streamer.app.inject(mediaUrl(hlsFiles.segment('v360', 7, 1)));
      expect(reply.statusCode).toBe(404);
      expect(reply.headers['cache-control']).toBe('no-store');
      expect(reply.json()).toMatchObject({ code: 'NOT_FOUND' });
    }));
});

describe('GET /stream/<media token>/<track>/media.m3u8?_HLS_msn=<segment>', () => {
  const url = ({ mediaUrl }: ReturnType<typeof publish>, query: string, file = hlsFiles.media('v360')) =>
    `${mediaUrl(file)}?${query}`;

  it('answers when the segment is there', () =>
    withStreamer(async (streamer) => {
      const published = publish(streamer);
      const answer = streamer.app.inject(url(published, '_HLS_msn=1'));
      const longer = Buffer.from(
        `${String(publishedFiles['v360/media.m3u8'])}#EXTINF:4.000000,\ns00001.1.m4s\n`,
      );
      await streamer.app.inject(published.mediaUrl(hlsFiles.media('v360')));
      streamer.blobs.files.set(published.prefix + hlsFiles.media('v360'), longer);
      streamer.clock.now += 2_000;
      const reply = await answer;
      expect([reply.statusCode, reply.body]).toEqual([200, String(longer)]);
      expect(reply.headers['cache-control']).toBe('public, max-age=2');
      expect(reply.headers['server-timing']).toMatch(/^playlist;dur=\d+, cache;desc=miss$/);
    }));

  it.each([
    ['_HLS_msn=0', 200],
    ['_HLS_msn=0&_HLS_part=3', 200],
    ['_HLS_msn=3', 400],
    ['_HLS_msn=-1', 400],
    ['_HLS_msn=1&_HLS_msn=2', 400],
    ['_HLS_part=0', 400],
    ['other=1', 200],
  ])('with %s answers %d at once', (query, status) =>
    withStreamer(async (streamer) => {
      const reply = await streamer.app.inject(url(publish(streamer), query));
      expect(reply.statusCode).toBe(status);
      if (status === 400) expect(reply.headers['cache-control']).toBe('no-store');
    }),
  );

  it('does not wait for a film that has ended, nor for another file', () =>
    withStreamer(async (streamer) => {
      const published = publish(streamer);
      for (const file of [hlsFiles.media('a0'), segment]) {
        expect((await streamer.app.inject(url(published, '_HLS_msn=9', file))).statusCode).toBe(200);
      }
    }));

  it('is released when the streamer stops', () => {
    const stopping = new AbortController();
    return withStreamer(
      async (streamer) => {
        const published = publish(streamer);
        const answer = streamer.app.inject(url(published, '_HLS_msn=1'));
        await streamer.app.inject(published.mediaUrl(hlsFiles.media('v360')));
        stopping.abort();
        expect((await answer).statusCode).toBe(503);
      },
      { stopping: stopping.signal },
    );
  });
});

describe('a playback for some viewers', () => {
  const page = { referer: 'https://www.example.com/watch' };
  const statuses = (
    streamer: StreamerFixture,
    { entryUrl, mediaUrl }: ReturnType<typeof publish>,
    from: { headers?: Record<string, string>; remoteAddress?: string },
  ) =>
    Promise.all(
      [entryUrl, mediaUrl(hlsFiles.media('v360')), mediaUrl(segment)].map(async (url) => {
        const { statusCode, headers } = await streamer.app.inject({ url, ...from });
        return `${statusCode} ${String(headers['cache-control']).split(',')[0]}`;
      }),
    );

  it.each([
    [{ ipPrefix: '192.0.2.0/24' }, { remoteAddress: '192.0.2.9' }, { remoteAddress: '198.51.100.9' }],
    [{ referrers: ['*.example.com'] }, { headers: page }, { headers: { referer: 'https://evil.test/' } }],
    [{ referrers: ['*.example.com'] }, { headers: page }, {}],
  ])('with %j is refused to others, at every file, and kept by no shared cache', (audience, own, other) =>
    withStreamer(async (streamer) => {
      const urls = publish(streamer, { audience });
      expect(await statuses(streamer, urls, own)).toEqual(['200 private', '200 private', '200 private']);
      expect(await statuses(streamer, urls, other)).toEqual(['403 no-store', '403 no-store', '403 no-store']);
      expect(await statuses(streamer, urls, own)).toEqual(['200 private', '200 private', '200 private']);
    }),
  );

  it('up to a height lists and serves no taller rendition', () =>
    withStreamer(async (streamer) => {
      const low = publish(streamer, { audience: { maxHeight: 240 } });
      expect(await statuses(streamer, low, {})).toEqual(['200 private', '403 no-store', '403 no-store']);
      expect((await streamer.app.inject(low.entryUrl)).body).not.toContain('v360');
      expect((await streamer.app.inject(low.mediaUrl(hlsFiles.media('a0')))).statusCode).toBe(200);
      const high = publish(streamer, { audience: { maxHeight: 360 } });
      expect(await statuses(streamer, high, {})).toEqual(['200 private', '200 public', '200 public']);
      const named = publish(streamer, { audience: { userId: 'somebody' } });
      expect(await statuses(streamer, named, {})).toEqual(['200 private', '200 public', '200 public']);
    }));
});

describe('a bad stream URL', () => {
  it('gets one and the same refusal, whatever is wrong with it', () =>
    withStreamer(async (streamer) => {
      const { entry, media } = publish(streamer);
      const expired = { videoId: 'video_a', generation: 1, expiresAt: new Date(startTime - 60_001) };
      const elsewhere = { ipPrefix: '203.0.113.0/24', referrers: ['www.example.com'], maxHeight: 144 };
      const restricted = publish(streamer, { audience: elsewhere });
      const unknown = createTokens({ keys: `k9:${Buffer.alloc(32, 9).toString('base64url')}` });
      const urls = [
        '/stream/',
        '/stream/x.m3u8',
        '/stream/%zz',
        `/stream/${'A'.repeat(9_000)}.m3u8`,
        `/stream/${media}.m3u8`,
        `/stream/${entry}/v360/media.m3u8`,
        `/stream/${media}/master.m3u8`,
        `/stream/${media}/../poster.jpg`,
        `/stream/${media}/v360%2Fmedia.m3u8`,
        `/stream/${media}/source`,
        `/stream/${media}=/poster.jpg`,
        `/stream/${streamer.tokens.sealEntry(expired)}.m3u8`,
        `/stream/${unknown.sealEntry({ ...expired, expiresAt: new Date(startTime + 60_000) })}.m3u8`,
        restricted.entryUrl,
        restricted.mediaUrl(segment),
      ];
      const answers = await Promise.all(urls.map((url) => streamer.app.inject(url)));
      const seen = answers.map((reply) => {
        const { requestId: _, ...problem } = reply.json<Record<string, unknown>>();
        const { date: __, ...headers } = reply.headers;
        return JSON.stringify([reply.statusCode, problem, headers]);
      });
      expect(answers[0]?.statusCode).toBe(403);
      expect(answers[0]?.headers['cache-control']).toBe('no-store');
      expect(answers[0]?.json()).toMatchObject({ code: 'FORBIDDEN', status: 403 });
      expect(seen.filter((answer) => answer !== seen[0])).toEqual([]);
    }));
});

describe('the streamer', () => {
  it('answers preflights of players on other pages', () =>
    withStreamer(async ({ app }) => {
      const reply = await app.inject({
        method: 'OPTIONS',
        url: '/stream/x/v360/media.m3u8',
        headers: { origin: 'https://page.test', 'access-control-request-headers': 'range' },
      });
      expect(reply.statusCode).toBe(204);
      expect(reply.headers['access-control-allow-headers']).toMatch(/\bRange\b/);
      expect(reply.headers['access-control-allow-methods']).toMatch(/\bHEAD\b/);
      expect(reply.headers['access-control-allow-origin']).toBe('*');
    }));

  it('logs and counts what it answered, but no token', () =>
    withStreamer(async (streamer) => {
      const { entry, entryUrl, media, mediaUrl } = publish(streamer);
      await streamer.app.inject(entryUrl);
      await streamer.app.inject(mediaUrl(segment));
      await streamer.app.inject(`/stream/${media}/%zz`);
      await streamer.app.inject(`/stream/${media}x/poster.jpg`);
      streamer.blobs.down = true;
      await streamer.app.inject(mediaUrl(hlsFiles.poster));

      expect(streamer.logged()).toContain('"videoId":"video_a","kind":"segment"');
      expect(streamer.logged()).not.toContain(entry);
      expect(streamer.logged()).not.toContain(media);
      const metrics = await streamer.metrics.metrics();
      expect(metrics).toContain('stream_plus_stream_requests_total{kind="master",status="200"} 1');
      expect(metrics).toContain('stream_plus_stream_requests_total{kind="refused",status="403"} 1');
      expect(metrics).toContain('stream_plus_stream_requests_total{kind="poster",status="503"} 1');
      expect(metrics).toContain('stream_plus_stream_body_bytes_total{kind="segment"} 10');
      expect(metrics).toMatch(/stream_plus_stream_cache_reads_total\{outcome="miss"\} [1-9]/);
      expect(metrics).toMatch(/stream_plus_stream_cache_bytes [1-9]/);
    }));
});
