import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../schema/blob-paths.js';
import { startNginx } from '../test/support/nginx.js';
import { readText } from '../test/repo/source-tree.js';
import {
  publish,
  publishedFiles,
  type StreamerFixture,
  withStreamer,
} from '../test/support/streamer-fixture.js';

const VIEWERS = 50;
const SEGMENTS = 4;

/** The configuration that operators are told, with other addresses. */
function documented({ app }: StreamerFixture): string {
  const [, block = ''] = /```nginx\n([^]*?)```/.exec(readText('docs/operating.md')) ?? [];
  const { port } = app.server.address() as AddressInfo;
  return block
    .replace('/var/cache/nginx/stream-plus', '{folder}/cache')
    .replace('127.0.0.1:4001', `127.0.0.1:${port}`)
    .replace('listen 80;', 'listen {address};');
}

async function behindNginx(work: (streamer: StreamerFixture, url: string) => Promise<void>): Promise<void> {
  await withStreamer(async (streamer) => {
    await streamer.app.listen({ host: '127.0.0.1', port: 0 });
    const nginx = await startNginx(documented(streamer));
    try {
      await work(streamer, nginx.url);
    } finally {
      await nginx.stop();
    }
  });
}

/** Requests of this kind that reached the streamer, and how it answered. */
async function answered({ metrics }: StreamerFixture, kind: string): Promise<string[]> {
  const lines = (await metrics.metrics()).split('\n');
  return lines
    .filter((line) => line.startsWith(`stream_plus_stream_requests_total{kind="${kind}"`))
    .map((line) => line.replace(/.*status="(\d+)"} /, '$1 × '));
}

function publishWhole(streamer: StreamerFixture) {
  const published = publish(streamer);
  const names = Array.from({ length: SEGMENTS }, (_, n) => hlsFiles.segment('a0', n, 1));
  for (const name of names) streamer.blobs.files.set(published.prefix + name, Buffer.alloc(50_000, name));
  return { ...published, files: [hlsFiles.media('a0'), ...names] };
}

describe('nginx in front of the streamer, as documented', () => {
  it('fetches each file of a film once for all who watch it, but every master', () =>
    behindNginx(async (streamer, url) => {
      const { entryUrl, mediaUrl, files } = publishWhole(streamer);
      const watch = async () => {
        const statuses = [(await fetch(url + entryUrl)).status];
        for (const file of files) {
          const reply = await fetch(url + mediaUrl(file), { headers: { origin: 'https://page.test' } });
          expect(reply.headers.get('access-control-allow-origin')).toBe('*');
          statuses.push(reply.status);
          await reply.arrayBuffer();
        }
        return statuses;
      };
      const seen = await Promise.all(Array.from({ length: VIEWERS }, watch));
      expect(new Set(seen.flat())).toEqual(new Set([200]));
      expect(await answered(streamer, 'segment')).toEqual([`200 × ${SEGMENTS}`]);
      expect(await answered(streamer, 'media')).toEqual(['200 × 1']);
      expect(await answered(streamer, 'master')).toEqual([`200 × ${VIEWERS}`]);
    }));

  it('fetches a long playlist once for all who take gzip, and once for those who do not', () =>
    behindNginx(async (streamer, url) => {
      const { prefix, mediaUrl } = publish(streamer);
      const playlist = hlsFiles.media('a0');
      const text = `${String(publishedFiles['a0/media.m3u8'])}${'# a remark\n'.repeat(1_000)}#EXT-X-ENDLIST\n`;
      streamer.blobs.files.set(prefix + playlist, Buffer.from(text));
      const read = async (encoding: string) => {
        const reply = await fetch(url + mediaUrl(playlist), { headers: { 'accept-encoding': encoding } });
        expect(await reply.text()).toBe(text);
        return reply.headers;
      };
      const viewers = Array.from({ length: VIEWERS }, (_, n) => read(n % 2 ? 'gzip' : 'identity'));
      const encodings = (await Promise.all(viewers)).map((headers) => headers.get('content-encoding'));
      expect(encodings).toEqual(encodings.map((_, n) => (n % 2 ? 'gzip' : null)));
      expect(await answered(streamer, 'media')).toEqual(['200 × 2']);
      const known = { 'accept-encoding': 'gzip', 'if-none-match': (await read('gzip')).get('etag') ?? '' };
      expect((await fetch(url + mediaUrl(playlist), { headers: known })).status).toBe(304);
      expect(await answered(streamer, 'media')).toEqual(['200 × 2']);
    }));

  it('answers ranges and versions from what it holds', () =>
    behindNginx(async (streamer, url) => {
      const { mediaUrl, files } = publishWhole(streamer);
      const segment = url + mediaUrl(files[1] ?? '');
      const whole = await fetch(segment);
      const body = Buffer.from(await whole.arrayBuffer());
      const part = await fetch(segment, { headers: { range: 'bytes=100-199' } });
      expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, body.subarray(100, 200)]);
      const known = await fetch(segment, { headers: { 'if-none-match': whole.headers.get('etag') ?? '' } });
      expect(known.status).toBe(304);
      expect(await answered(streamer, 'segment')).toEqual(['200 × 1']);
    }));

  it('waits with all viewers for the next segment in one request', () =>
    behindNginx(async (streamer, url) => {
      const { prefix, mediaUrl } = publish(streamer);
      const playlist = hlsFiles.media('v360');
      const longer = Buffer.from(`${String(publishedFiles['v360/media.m3u8'])}#EXTINF:4.0,\ns00001.1.m4s\n`);
      const { read } = streamer.blobs;
      const arrived = new Promise<void>((resolve) => {
        streamer.blobs.read = (key, signal) => {
          if (key.endsWith(playlist)) resolve();
          return read(key, signal);
        };
      });
      const waiting = Array.from({ length: 5 }, () => fetch(`${url}${mediaUrl(playlist)}?_HLS_msn=1`));
      await arrived;
      streamer.blobs.files.set(prefix + playlist, longer);
      streamer.clock.now += 2_000;
      for (const reply of await Promise.all(waiting)) expect(await reply.text()).toBe(String(longer));
      expect(await answered(streamer, 'media')).toEqual(['200 × 1']);
    }));

  it('keeps nothing that was refused, or is not there', () =>
    behindNginx(async (streamer, url) => {
      const { mediaUrl, media } = publish(streamer);
      const urls = [mediaUrl(hlsFiles.segment('v360', 9, 1)), `/stream/${media}x/poster.jpg`];
      for (const each of [...urls, ...urls]) expect((await fetch(url + each)).ok).toBe(false);
      expect(await answered(streamer, 'segment')).toEqual(['404 × 2']);
      expect(await answered(streamer, 'refused')).toEqual(['403 × 2']);
    }));
});
