import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Audience } from '../../platform/audience.js';
import { newId } from '../../schema/ids.js';
import { playableVideo } from '../../test/support/public-video.js';
import { publish, type StreamerFixture, withStreamer } from '../../test/support/streamer-fixture.js';
import type { PlayableVideo } from '../video-store.js';

/** Stores a video and its files; what to embed it with. */
function store(streamer: StreamerFixture, given: Partial<PlayableVideo> & { audience?: Audience } = {}) {
  const { audience, ...fields } = given;
  const video = playableVideo(fields);
  streamer.videos.set(video._id, video);
  const { entry, media } = publish(streamer, { videoId: video._id, audience });
  const page = `/embed/${video._id}`;
  return { video, entry, media, page, tokenPage: `${page}?token=${entry}` };
}

const policyOf = ({ headers }: { headers: Record<string, unknown> }) =>
  String(headers['content-security-policy']).split('; ');

describe('GET /embed/:videoID', () => {
  it('shows a video to who has a token for it, and keeps the page out of caches', () =>
    withStreamer(async (streamer) => {
      const { video, entry, media, tokenPage } = store(streamer);
      const { statusCode, headers, body } = await streamer.app.inject(`${tokenPage}&start=12.5&autoplay=1`);
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'private, no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cross-origin-resource-policy': 'cross-origin',
      });
      const [player = ''] = /<video[^>]*>/.exec(body) ?? [];
      expect(player).toContain(` data-source="http://play.test/stream/${entry}.m3u8"`);
      expect(player).toContain(` poster="http://play.test/stream/${media}/poster.jpg"`);
      expect(player).toContain(` data-video-id="${video._id}" `);
      expect(player).toContain(' controls playsinline ');
      expect(player).toContain(' autoplay muted ');
      expect(player).toContain(' data-start="12.5" data-expires>');
      expect(body).not.toContain('og:image');
    }));

  it('shows a public video to everybody, by URLs that never change', () =>
    withStreamer(async (streamer) => {
      const { video, page } = store(streamer);
      streamer.publicVideos.add(video._id);
      const { headers, body } = await streamer.app.inject(page);
      expect(headers['cache-control']).toBe('public, max-age=60');
      const [player = ''] = /<video[^>]*>/.exec(body) ?? [];
      expect(player).toContain(` data-source="http://play.test/stream/${video._id}.m3u8">`);
      expect(player).not.toMatch(/autoplay|muted|data-start|data-expires/);
      const url = `http://play.test${page}`;
      const posterUrl = `/stream/${video._id}/poster.jpg`;
      expect(body).toContain(`<meta property="og:url" content="${url}">`);
      expect(body).toContain(`<meta property="og:image" content="http://play.test${posterUrl}">`);
      expect(body).toContain('<meta name="twitter:card" content="player">');
      expect(body).toContain(`<meta name="twitter:player" content="${url}">`);
      expect(body).toContain('<meta name="twitter:player:width" content="640">');
      expect((await streamer.app.inject(posterUrl)).body).toBe('poster');
    }));

  it('allows nothing but its own files and what is played, and any page around it', () =>
    withStreamer(async (streamer) => {
      const reply = await streamer.app.inject(store(streamer).tokenPage);
      expect(policyOf(reply)).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: http://play.test",
        "media-src 'self' blob: http://play.test",
        "connect-src 'self' http://play.test",
        "base-uri 'none'",
        "form-action 'none'",
      ]);
      expect(reply.body).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
    }));

  it('is for the pages that its token names, and plays within itself', () =>
    withStreamer(async (streamer) => {
      const audience = { referrers: ['example.com', '*.example.org'] };
      const { tokenPage, entry } = store(streamer, { audience });
      const from = (url: string, referer?: string) =>
        streamer.app.inject({ url, ...(referer && { headers: { referer } }) });
      const shown = await from(tokenPage, 'https://www.example.org/');
      expect(shown.statusCode).toBe(200);
      expect(policyOf(shown)).toContain('frame-ancestors example.com:* *.example.org:*');
      for (const other of [undefined, 'https://evil.test/', 'https://example.com.evil.test/'])
        expect((await from(tokenPage, other)).statusCode).toBe(404);
      const url = `/stream/${entry}.m3u8`;
      expect((await from(url, `http://play.test${tokenPage}`)).statusCode).toBe(200);
      expect((await from(url, 'http://play.test.evil.test/')).statusCode).toBe(403);
      expect((await from(url)).statusCode).toBe(403);
    }));

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '</title><svg onload=alert(1)>',
    '--><script>alert(1)</script><!--',
    '&lt;script&gt; &amp; $& $1',
  ])('shows the title %s as text, everywhere', (title) =>
    withStreamer(async (streamer) => {
      const { video, page } = store(streamer, { title });
      streamer.publicVideos.add(video._id);
      const { body } = await streamer.app.inject(page);
      const { html } = (await streamer.app.inject(oembedFor(`http://play.test${page}`))).json<{
        html: string;
      }>();
      const plain = store(streamer, { _id: video._id, title: 'TITLE' }).page;
      // What is public is remembered for some seconds.
      streamer.clock.now += 5_000;
      const expected = (await streamer.app.inject(plain)).body;
      const escaped = title
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;');
      // The same markup as around a harmless title.
      expect(body.split(escaped)).toEqual(expected.split('TITLE'));
      expect(body.split(escaped)).toHaveLength(6);
      expect(html).toContain(` title="${escaped}" `);
    }),
  );

  it('answers alike to what is not public, not there, or asked for with another token', () =>
    withStreamer(async (streamer) => {
      const { page, media, video } = store(streamer, { title: 'Secret title' });
      const other = store(streamer);
      const gone = newId('video');
      const goneEntry = publish(streamer, { videoId: gone }).entry;
      const asked = [
        page,
        `/embed/${newId('video')}`,
        `/embed/nothing`,
        `/embed/${video.projectId}`,
        `/embed/%3Cscript%3E`,
        `${page}?token=`,
        `${page}?token=${other.entry}`,
        `${page}?token=${media}`,
        `${page}?token=%22%3E%3Cscript%3E`,
        `/embed/${gone}?token=${goneEntry}`,
      ];
      const replies = await Promise.all(asked.map((url) => streamer.app.inject(url)));
      for (const { statusCode, body, headers } of replies) {
        expect([statusCode, body]).toEqual([404, replies[0]?.body]);
        expect(headers['cache-control']).toBe('private, no-store');
        expect(headers['content-security-policy']).toContain("default-src 'none'");
      }
      expect(replies[0]?.body).toContain('This video is not available.');
      expect(replies[0]?.body).not.toContain('Secret');
    }));

  it('ends with its token', () =>
    withStreamer(async (streamer) => {
      const { tokenPage } = store(streamer);
      streamer.clock.now += 3_600_000 + 60_001;
      expect((await streamer.app.inject(tokenPage)).statusCode).toBe(404);
    }));

  it('tells a viewer that the database does not answer', () =>
    withStreamer(async (streamer) => {
      const { tokenPage } = store(streamer);
      streamer.failVideos();
      const { statusCode, headers, body } = await streamer.app.inject(tokenPage);
      expect(statusCode).toBe(503);
      expect(headers['retry-after']).toBe('2');
      expect(body).toContain('cannot be played right now');
    }));

  it.each(['start=soon', 'start=-1', 'autoplay=yes', 'start=1e9'])('refuses %s', (query) =>
    withStreamer(async (streamer) => {
      const { statusCode, body } = await streamer.app.inject(`${store(streamer).tokenPage}&${query}`);
      expect(statusCode).toBe(400);
      expect(body).toContain('BAD_USER_INPUT');
    }),
  );
});

const oembedFor = (url: string, more: Record<string, string> = {}): string =>
  `/oembed?${new URLSearchParams({ url, ...more }).toString()}`;

describe('GET /oembed', () => {
  it('is found from the page, and tells how to embed a public video', () =>
    withStreamer(async (streamer) => {
      const { video, page } = store(streamer);
      streamer.publicVideos.add(video._id);
      const { body } = await streamer.app.inject(page);
      const [, link = ''] =
        /type="application\/json\+oembed" href="http:\/\/play\.test([^"]+)"/.exec(body) ?? [];
      const reply = await streamer.app.inject(link.replaceAll('&amp;', '&'));
      const url = `http://play.test${page}`;
      expect(reply.headers['cache-control']).toBe('public, max-age=60');
      expect(reply.json()).toEqual({
        ...{ version: '1.0', type: 'video', title: 'A film' },
        ...{ provider_name: 'Stream Plus', provider_url: 'http://play.test', cache_age: 3600 },
        ...{ width: 640, height: 360 },
        ...{
          thumbnail_url: `http://play.test/stream/${video._id}/poster.jpg`,
          thumbnail_width: 640,
          thumbnail_height: 360,
        },
        html:
          `<iframe src="${url}" title="A film" width="640" height="360" frameborder="0" loading="lazy" ` +
          `allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`,
      });
    }));

  it('keeps the token and the start of a page, and shows nothing of it elsewhere', () =>
    withStreamer(async (streamer) => {
      const { tokenPage } = store(streamer);
      const url = `http://play.test${tokenPage}&start=7`;
      const reply = await streamer.app.inject(oembedFor(url));
      const { html, thumbnail_url: thumbnail } = reply.json<{ html: string; thumbnail_url?: string }>();
      expect(html).toContain(`src="${url.replaceAll('&', '&amp;')}"`);
      expect(thumbnail).toBeUndefined();
      expect(reply.headers['cache-control']).toBe('private, no-store');
    }));

  it.each([
    [{ maxwidth: '320' }, { width: 320, height: 180 }, false],
    [{ maxheight: '90' }, { width: 160, height: 90 }, false],
    [{ maxwidth: '640', maxheight: '480' }, { width: 640, height: 360 }, true],
    [{ maxwidth: '1', maxheight: '1' }, { width: 1, height: 1 }, false],
    [{ maxwidth: '4000' }, { width: 640, height: 360 }, true],
  ])('fits into %j', (limits, size, hasThumbnail) =>
    withStreamer(async (streamer) => {
      const { video, page } = store(streamer);
      streamer.publicVideos.add(video._id);
      const reply = await streamer.app.inject(oembedFor(`http://play.test${page}`, limits));
      const answer = reply.json<object>();
      expect(answer).toMatchObject(size);
      expect('thumbnail_url' in answer).toBe(hasThumbnail);
    }),
  );

  it('does not know what is not an embed page of its own', () =>
    withStreamer(async (streamer) => {
      const { video, page } = store(streamer);
      const hidden = store(streamer);
      streamer.publicVideos.add(video._id);
      const foreign = [
        `https://evil.test${page}`,
        `http://play.test.evil.test${page}`,
        `http://play.test@evil.test${page}`,
        `https://play.test${page}`,
        `http://play.test/stream/${video._id}.m3u8`,
        `http://play.test/stream/${video._id}/poster.jpg`,
        `http://play.test${page}?start=soon`,
        `http://play.test${hidden.page}`,
        page,
        'javascript:alert(1)',
        '',
      ];
      for (const url of foreign)
        expect([url, (await streamer.app.inject(oembedFor(url))).statusCode]).toEqual([url, 404]);
      expect((await streamer.app.inject(oembedFor(`http://play.test${page}`))).statusCode).toBe(200);
    }));

  it('offers JSON alone', () =>
    withStreamer(async ({ app }) => {
      const reply = await app.inject(oembedFor('http://play.test/embed/x', { format: 'xml' }));
      expect([reply.statusCode, reply.json()]).toEqual([
        501,
        expect.objectContaining({ code: 'NOT_IMPLEMENTED' }),
      ]);
    }));
});

describe('GET /player/:file', () => {
  it('serves what the page is made of, packed and under an ETag', () =>
    withStreamer(async (streamer) => {
      const { body } = await streamer.app.inject(store(streamer).tokenPage);
      const files = [...body.matchAll(/(?:src|href)="\.\.(\/player\/[^"]+)"/g)].map(([, file = '']) => file);
      expect(files).toEqual(['/player/embed.css', '/player/embed.js']);
      for (const file of [...files, '/player/renew.js', '/player/hls.mjs']) {
        const plain = await streamer.app.inject(file);
        expect(plain.statusCode).toBe(200);
        expect(plain.headers['content-type']).toMatch(
          file.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
        );
        expect(plain.headers['access-control-allow-origin']).toBe('*');
        const headers = { 'accept-encoding': 'br, gzip' };
        const packed = await streamer.app.inject({ url: file, headers });
        expect(packed.headers['content-encoding']).toBe('gzip');
        expect(gunzipSync(packed.rawPayload).equals(plain.rawPayload)).toBe(true);
        expect(packed.headers.etag).not.toBe(plain.headers.etag);
        const known = { ...headers, 'if-none-match': String(packed.headers.etag) };
        const again = await streamer.app.inject({ url: file, headers: known });
        expect([again.statusCode, again.body]).toEqual([304, '']);
      }
      const refused = { url: files[0], headers: { 'accept-encoding': 'identity, gzip;q=0' } };
      expect((await streamer.app.inject(refused)).headers['content-encoding']).toBeUndefined();
    }));

  it.each(['package.json', '..%2fpackage.json', 'embed.html', '__proto__'])('has no %s', (name) =>
    withStreamer(async ({ app }) => {
      expect((await app.inject(`/player/${name}`)).statusCode).toBe(404);
    }),
  );
});
