import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../schema/blob-paths.js';
import { BufferBody } from '../platform/memory/body.js';
import { gzipOf } from './stored-answer.js';
import { master, publish, type StreamerFixture, withStreamer } from '../test/support/streamer-fixture.js';

const playlist = hlsFiles.media('a0');
const growing = hlsFiles.media('v360');
const segment = hlsFiles.segment('a0', 0, 1);

const segments = (count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `#EXTINF:4.000000,\n${hlsFiles.segment('a0', n, 1).slice(3)}\n`,
  ).join('');
/** As long as that of a film of eighty minutes. */
const long = `#EXTM3U\n${segments(1_200)}#EXT-X-ENDLIST\n`;
const gzip = { 'accept-encoding': 'gzip, deflate, br' };

function publishLong(streamer: StreamerFixture) {
  const published = publish(streamer);
  streamer.blobs.files.set(published.prefix + playlist, Buffer.from(long));
  streamer.blobs.files.set(published.prefix + hlsFiles.storyboard, Buffer.from(long));
  streamer.blobs.files.set(published.prefix + segment, Buffer.from(long));
  const get = (file: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    streamer.app.inject({ method, url: published.mediaUrl(file), headers });
  return { ...published, get };
}

describe('a stored text', () => {
  it.each([playlist, hlsFiles.storyboard])(
    '%s is sent as gzip to whoever takes that, and as it is to others',
    (file) =>
      withStreamer(async (streamer) => {
        const { get } = publishLong(streamer);
        const small = await get(file, gzip);
        expect(small.statusCode).toBe(200);
        expect(small.headers).toMatchObject({
          'content-encoding': 'gzip',
          'content-length': String(small.rawPayload.length),
          vary: 'Accept-Encoding',
        });
        expect(small.headers).not.toHaveProperty('accept-ranges');
        expect(small.rawPayload.length).toBeLessThan(long.length / 5);
        expect(String(gunzipSync(small.rawPayload))).toBe(long);

        const whole = await get(file);
        expect(whole.headers).not.toHaveProperty('content-encoding');
        expect(whole.headers).toMatchObject({ vary: 'Accept-Encoding', 'accept-ranges': 'bytes' });
        expect(whole.body).toBe(long);
        expect(whole.headers['cache-control']).toBe(small.headers['cache-control']);
        expect(whole.headers['content-type']).toBe(small.headers['content-type']);
      }),
  );

  it('has a version of its own in each form', () =>
    withStreamer(async (streamer) => {
      const { get } = publishLong(streamer);
      const etagOf = async (headers?: Record<string, string>) =>
        String((await get(playlist, headers)).headers.etag);
      const [small, whole] = [await etagOf(gzip), await etagOf()];
      expect(small).toMatch(/^"[^"]+"$/);
      expect(small).not.toBe(whole);
      const again = await get(playlist, { ...gzip, 'if-none-match': `"other", ${small}` });
      expect([again.statusCode, again.headers.etag, again.headers.vary]).toEqual([
        304,
        small,
        'Accept-Encoding',
      ]);
      expect(again.rawPayload).toHaveLength(0);
      expect((await get(playlist, { ...gzip, 'if-none-match': whole })).statusCode).toBe(200);
      expect((await get(playlist, { 'if-none-match': small })).statusCode).toBe(200);
      expect((await get(playlist, { 'if-none-match': whole })).statusCode).toBe(304);
    }));

  it('answers HEAD as it answers GET', () =>
    withStreamer(async (streamer) => {
      const { get } = publishLong(streamer);
      const [whole, head] = [await get(playlist, gzip), await get(playlist, gzip, 'HEAD')];
      for (const name of ['content-encoding', 'content-length', 'etag', 'vary', 'cache-control'])
        expect([name, head.headers[name]]).toEqual([name, whole.headers[name]]);
      expect(head.rawPayload).toHaveLength(0);
    }));

  it('has ranges of what is stored, and none of what is compressed', () =>
    withStreamer(async (streamer) => {
      const { get } = publishLong(streamer);
      const { etag: small } = (await get(playlist, gzip)).headers;
      const part = await get(playlist, { ...gzip, range: 'bytes=1-6' });
      expect([part.statusCode, part.body, part.headers.vary]).toEqual([206, 'EXTM3U', 'Accept-Encoding']);
      expect(part.headers).not.toHaveProperty('content-encoding');
      const other = await get(playlist, { ...gzip, range: 'bytes=1-6', 'if-range': String(small) });
      expect([other.statusCode, other.body]).toEqual([200, long]);
    }));

  it('is compressed once for as long as it is held, and again when it has changed', () =>
    withStreamer(async (streamer) => {
      const { get, prefix } = publishLong(streamer);
      const body = new BufferBody(Buffer.from(long));
      expect(gzipOf(body)).toBe(gzipOf(body));
      for (const count of [100, 101]) {
        const text = `#EXTM3U\n${segments(count)}`;
        streamer.blobs.files.set(prefix + growing, Buffer.from(text));
        streamer.clock.now += 10_000;
        expect(String(gunzipSync((await get(growing, gzip)).rawPayload))).toBe(text);
      }
    }));

  it('goes as it is where it is short, and media always do', () =>
    withStreamer(async (streamer) => {
      const { get } = publishLong(streamer);
      const short = await get(growing, gzip);
      expect(short.headers).not.toHaveProperty('content-encoding');
      expect(short.headers.vary).toBe('Accept-Encoding');
      const media = await get(segment, gzip);
      expect(media.body).toBe(long);
      expect(media.headers).not.toHaveProperty('vary');
    }));

  it('says that it differs by page too, where it is bound to pages', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer, { origins: ['https://page.test'] });
      const reply = await streamer.app.inject(mediaUrl(growing));
      expect(reply.headers.vary).toBe('Origin, Accept-Encoding');
    }));
});

describe('a master', () => {
  it('is sent as gzip to whoever takes that', () =>
    withStreamer(async (streamer) => {
      const { entryUrl, prefix } = publish(streamer);
      streamer.blobs.files.set(prefix + hlsFiles.master, Buffer.from(master.repeat(4)));
      const [small, whole] = [
        await streamer.app.inject({ url: entryUrl, headers: gzip }),
        await streamer.app.inject(entryUrl),
      ];
      expect(small.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
      expect(whole.headers).not.toHaveProperty('content-encoding');
      expect(whole.body.length).toBeGreaterThan(1_024);
      expect(String(gunzipSync(small.rawPayload))).toBe(whole.body);
      const head = await streamer.app.inject({ method: 'HEAD', url: entryUrl, headers: gzip });
      expect(head.headers['content-length']).toBe(String(small.rawPayload.length));
    }));
});
