import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { receiveBlob } from '../../test/support/receive-blob.js';
import { BufferBody } from '../../platform/memory/body.js';
import { allocateBody } from '../../platform/memory/memory-file.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import { publish, type StreamerFixture, withStreamer } from '../../test/support/streamer-fixture.js';
import { ResponseReader, type Response } from '../../test/support/response-reader.js';

const segment = hlsFiles.segment('v360', 0, 1);
const playlist = hlsFiles.media('a0');
const long = Buffer.from(`#EXTM3U\n${'#EXTINF:4.000000,\ns00000.1.m4s\n'.repeat(100)}#EXT-X-ENDLIST\n`);
const large = Buffer.alloc(3_000_000, 'no piece of this is like the one before');

interface Client {
  socket: Socket;
  /** Writes a request, or what is to be one. */
  send: (...lines: string[]) => void;
  /** The next answer. @throws Error where the connection ends before that */
  next: (method?: string) => Promise<Response>;
  /** When the streamer has closed its side. */
  ended: Promise<unknown>;
}

type Published = ReturnType<typeof publish>;

async function withClients(
  work: (streamer: StreamerFixture, open: () => Promise<Client>, published: Published) => Promise<void>,
  limits: Parameters<typeof withStreamer>[1] = {},
): Promise<void> {
  await withStreamer(async (streamer) => {
    const published = publish(streamer);
    streamer.blobs.files.set(published.prefix + playlist, long);
    streamer.blobs.files.set(published.prefix + segment, large);
    await streamer.app.listen({ host: '127.0.0.1', port: 0 });
    const clients: Socket[] = [];
    const open = async (): Promise<Client> => {
      const socket = connect({
        host: '127.0.0.1',
        port: (streamer.app.server.address() as AddressInfo).port,
      });
      clients.push(socket);
      await once(socket, 'connect');
      let reader: ResponseReader | undefined;
      return {
        socket,
        send: (...lines) => void socket.write(`${lines.join('\r\n')}\r\n\r\n`),
        next: (method) => (reader ??= new ResponseReader(socket)).next(method),
        ended: once(socket, 'end'),
      };
    };
    try {
      await work(streamer, open, published);
    } finally {
      for (const socket of clients) socket.destroy();
    }
  }, limits);
}

const host = 'host: play.test';

/** What an answer says, but for when it was and what becomes of the connection. */
function essence({ status, headers, body }: Response) {
  const { date, connection: _connection, 'keep-alive': _keepAlive, ...rest } = headers;
  expect(Date.parse(date ?? '')).toBeGreaterThan(Date.now() - 60_000);
  const text = body.toString('latin1').replace(/"requestId":"[^"]+"/, '');
  const length = rest['content-type']?.includes('problem') ? undefined : rest['content-length'];
  return {
    status,
    text: text.replace(/[\w-]{60,}(?=\/)/g, '<token>'),
    headers: {
      ...rest,
      'content-length': length,
      'server-timing': rest['server-timing']?.replace(/\d+/, 'n'),
    },
  };
}

describe('a connection that is served directly', () => {
  const bound = { origins: ['https://page.test'] };
  const cases: [string, (published: Published) => string, ...string[]][] = [
    ['a segment', ({ mediaUrl }) => `GET ${mediaUrl(segment)}`],
    ['a part of it', ({ mediaUrl }) => `GET ${mediaUrl(segment)}`, 'range: bytes=1000000-2100000'],
    ['its end', ({ mediaUrl }) => `GET ${mediaUrl(segment)}`, 'range: bytes=-5'],
    ['a part behind its end', ({ mediaUrl }) => `GET ${mediaUrl(segment)}`, 'range: bytes=3000000-'],
    ['its headers', ({ mediaUrl }) => `HEAD ${mediaUrl(segment)}`],
    ['a playlist', ({ mediaUrl }) => `GET ${mediaUrl(playlist)}`],
    ['a small playlist', ({ mediaUrl }) => `GET ${mediaUrl(playlist)}`, 'accept-encoding: gzip'],
    ['its headers, small', ({ mediaUrl }) => `HEAD ${mediaUrl(playlist)}`, 'accept-encoding: gzip'],
    ['a picture', ({ mediaUrl }) => `GET ${mediaUrl(hlsFiles.poster)}`],
    ['a master', ({ entryUrl }) => `GET ${entryUrl}`, 'accept-encoding: gzip;q=0'],
    ['what is not there', ({ mediaUrl }) => `GET ${mediaUrl(hlsFiles.segment('v360', 7, 1))}`],
    ['what nobody may have', () => 'GET /stream/token/poster.jpg'],
    ['no segment of a playlist', ({ mediaUrl }) => `GET ${mediaUrl(hlsFiles.media('v360'))}?_HLS_msn=x`],
    ['a part of none', ({ mediaUrl }) => `GET ${mediaUrl(hlsFiles.media('v360'))}?_HLS_part=1`],
    [
      'a segment long before it is there',
      ({ mediaUrl }) => `GET ${mediaUrl(hlsFiles.media('v360'))}?_HLS_msn=9`,
    ],
    ['something for a page', ({ mediaUrl }) => `GET ${mediaUrl(playlist)}`, 'origin: https://page.test'],
  ];

  it.each(cases)('answers a request for %s as Node’s own server would', (_what, line, ...headers) =>
    withClients(async (_streamer, open, published) => {
      const method = line(published).startsWith('HEAD') ? 'HEAD' : 'GET';
      const direct = await open();
      const ask = async () => {
        direct.send(`${line(published)} HTTP/1.1`, host, ...headers);
        return direct.next(method);
      };
      // The first one fills the cache, which both then answer from.
      await ask();
      const ours = await ask();
      expect(ours.headers.connection).toBe('keep-alive');
      const others = await open();
      others.send(`${line(published)} HTTP/1.1`, host, ...headers, 'connection: close');
      const theirs = await others.next(method);
      expect(theirs.headers.connection).toBe('close');
      expect(essence(ours)).toEqual(essence(theirs));
    }),
  );

  it('says as much of pages that may read it', () =>
    withClients(async (streamer, open) => {
      const { mediaUrl } = publish(streamer, { videoId: 'video_b', ...bound });
      for (const origin of ['https://page.test', 'https://other.test']) {
        const [direct, others] = [await open(), await open()];
        const lines = [`GET ${mediaUrl(hlsFiles.poster)} HTTP/1.1`, host, `origin: ${origin}`];
        direct.send(...lines);
        await direct.next();
        direct.send(...lines);
        others.send(...lines, 'connection: close');
        const ours = await direct.next();
        expect(ours.headers['access-control-allow-origin']).toBe(
          origin === 'https://page.test' ? origin : undefined,
        );
        expect(essence(ours)).toEqual(essence(await others.next()));
      }
    }));

  it('answers one request after the other, and knows a version', () =>
    withClients(async (streamer, open, { mediaUrl }) => {
      const client = await open();
      for (const file of [segment, playlist, segment]) {
        client.send(`GET ${mediaUrl(file)} HTTP/1.1`, host);
        const { body, headers } = await client.next();
        expect(body.equals(file === segment ? large : long)).toBe(true);
        client.send(`GET ${mediaUrl(file)} HTTP/1.1`, host, `if-none-match: ${headers.etag}`);
        const again = await client.next();
        expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag]);
      }
      const [session] = streamer.sessions.changed();
      expect([session?.bytes, session?.pictures.size]).toEqual([2 * large.length + long.length, 1]);
    }));

  it('comes to Node’s own server with what that alone answers, and all that follows', () =>
    withClients(async ({ app }, open, { mediaUrl }) => {
      const client = await open();
      const atNode: unknown[] = [];
      app.server.on('request', ({ method }: IncomingMessage) => atNode.push(method));
      client.send(`GET ${mediaUrl(playlist)} HTTP/1.1`, host);
      expect((await client.next()).body.equals(long)).toBe(true);
      expect(atNode).toEqual([]);
      client.send('GET /healthz HTTP/1.1', host);
      expect((await client.next()).body.toString()).toContain('ok');
      client.send(`OPTIONS ${mediaUrl(playlist)} HTTP/1.1`, host);
      expect((await client.next()).status).toBe(204);
      client.send(`GET ${mediaUrl(segment)} HTTP/1.1`, host);
      expect((await client.next()).body.equals(large)).toBe(true);
      expect(atNode).toEqual(['GET', 'OPTIONS', 'GET']);
      client.send('not HTTP at all');
      expect((await client.next()).status).toBe(400);
    }));

  it('answers requests that come together, in pieces, or before the last answer, in their order', () =>
    withClients(async (_streamer, open, { mediaUrl }) => {
      const [whole, half] = [await open(), await open()];
      const request = (file: string) => `GET ${mediaUrl(file)} HTTP/1.1\r\n${host}`;
      whole.send(`${request(segment)}\r\n\r\n${request(playlist)}`);
      expect((await whole.next()).body.equals(large)).toBe(true);
      expect((await whole.next()).body.equals(long)).toBe(true);
      const text = `${request(playlist)}\r\n\r\n`;
      half.socket.setNoDelay(true);
      half.socket.write(text.slice(0, 30), () => half.socket.write(text.slice(30)));
      expect((await half.next()).body.equals(long)).toBe(true);
      const early = await open();
      early.send(request(segment));
      await once(early.socket, 'readable');
      early.send(request(playlist));
      early.send(request(segment));
      for (const body of [large, long, large]) expect((await early.next()).body.equals(body)).toBe(true);
    }));

  it('ends with its answer when the streamer stops, and at once where there is none', () =>
    withClients(async (streamer, open, { mediaUrl }) => {
      const [idle, busy] = [await open(), await open()];
      idle.send(`GET ${mediaUrl(playlist)} HTTP/1.1`, host);
      await idle.next();
      const reading = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const { read } = streamer.blobs;
      streamer.blobs.read = async (key, signal) => {
        if (!key.endsWith(hlsFiles.poster)) return read(key, signal);
        reading.resolve();
        await release.promise;
        return read(key, signal);
      };
      busy.send(`GET ${mediaUrl(hlsFiles.poster)} HTTP/1.1`, host);
      await reading.promise;
      const closed = streamer.app.close();
      await idle.ended;
      release.resolve();
      const answer = await busy.next();
      expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
      await Promise.all([busy.ended, closed]);
    }));

  it('is closed when it is silent for too long', () =>
    withClients(async (_streamer, open) => void (await (await open()).ended), { idleTimeoutMs: 50 }));

  it('believes the proxies that it trusts, and nobody else, where a request comes from', () =>
    withClients(
      async (streamer, open) => {
        const audience = { ipPrefix: '203.0.113.0/24' };
        const { mediaUrl } = publish(streamer, { videoId: 'video_b', audience });
        const client = await open();
        for (const [address, status] of [
          ['203.0.113.9', 200],
          ['203.0.113.9, 198.51.100.1', 403],
          ['198.51.100.1', 403],
        ] as const) {
          client.send(`GET ${mediaUrl(playlist)} HTTP/1.1`, host, `x-forwarded-for: ${address}`);
          expect((await client.next()).status).toBe(status);
        }
      },
      { trustedProxies: ['127.0.0.1'] },
    ));
});

describe.each([
  ['sent from where it is', allocateBody],
  ['copied', (length: number) => BufferBody.ofLength(length)],
] as const)('a segment that is %s', (_how, allocate) => {
  const huge = Buffer.alloc(16_000_000, 'more than the system holds for a client that reads nothing');

  it('comes whole to who reads it late, and is followed by the next', () =>
    withClients(async (streamer, open, { mediaUrl, prefix }) => {
      streamer.blobs.allocate = allocate;
      streamer.blobs.files.set(prefix + segment, huge);
      const [late, other] = [await open(), await open()];
      late.send(`GET ${mediaUrl(segment)} HTTP/1.1`, host);
      late.send(`GET ${mediaUrl(playlist)} HTTP/1.1`, host);
      other.send(`GET ${mediaUrl(segment)} HTTP/1.1`, host, 'range: bytes=7-15999990');
      expect((await other.next()).body.equals(huge.subarray(7, 15_999_991))).toBe(true);
      expect((await late.next()).body.equals(huge)).toBe(true);
      expect((await late.next()).body.equals(long)).toBe(true);
    }));

  it('comes as storage brings it, to all who ask, and is broken off where storage breaks off', () =>
    withClients(
      async (streamer, open, { mediaUrl }) => {
        const { open: openBlob } = streamer.blobs;
        const pieces = new PassThrough();
        streamer.blobs.open = (key, signal) => {
          if (!key.endsWith(segment)) return openBlob(key, signal);
          return Promise.resolve({ etag: '"1"', arriving: receiveBlob(allocate(large.length), pieces) });
        };
        const clients = [await open(), await open()];
        for (const { send } of clients) send(`GET ${mediaUrl(segment)} HTTP/1.1`, host);
        pieces.write(large.subarray(0, 100_000));
        for (const { socket } of clients) await bytesOf(socket, 100_000);
        pieces.write(large.subarray(100_000, 200_000));
        for (const { socket } of clients) await bytesOf(socket, 100_000);
        const closed = Promise.all(clients.map(({ socket }) => once(socket.resume(), 'close')));
        pieces.destroy(new Error('storage breaks off'));
        await closed;
      },
      { cacheBytes: 2 * huge.length },
    ));
});

/** Reads so many bytes, or some more. */
async function bytesOf(socket: Socket, bytes: number): Promise<void> {
  for (let read = 0; read < bytes;) {
    const piece = socket.read() as Buffer | null;
    if (piece) read += piece.length;
    else await once(socket, 'readable');
  }
}
