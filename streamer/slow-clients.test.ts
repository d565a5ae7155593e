import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../schema/blob-paths.js';
import { publish, type StreamerFixture, withStreamer } from '../test/support/streamer-fixture.js';

/** More than the system's buffers between two sockets of one machine take. */
const SEGMENT_BYTES = 12 * 1024 * 1024;
const segment = (n: number) => hlsFiles.segment('v360', n, 1);

async function withSegments(
  limits: Parameters<typeof withStreamer>[1],
  work: (streamer: StreamerFixture, urlOf: (n: number) => string) => Promise<void>,
): Promise<void> {
  await withStreamer(async (streamer) => {
    const { prefix, mediaUrl } = publish(streamer);
    for (const n of [0, 1, 2, 3])
      streamer.blobs.files.set(prefix + segment(n), Buffer.alloc(SEGMENT_BYTES, n));
    await streamer.app.listen({ host: '127.0.0.1', port: 0 });
    await work(streamer, (n) => mediaUrl(segment(n)));
  }, limits);
}

/** A client that asks, for all at once, sees that the answer begins, and then reads nothing. */
async function stalled(
  streamer: StreamerFixture,
  ...urls: string[]
): Promise<{ socket: Socket; cut: Promise<unknown> }> {
  const { port } = streamer.app.server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port });
  const cut = new Promise((resolve) => {
    socket.once('close', resolve).on('error', () => undefined);
  });
  socket.write(urls.map((url) => `GET ${url} HTTP/1.1\r\nhost: play.test\r\n\r\n`).join(''));
  await once(socket, 'readable');
  return { socket, cut };
}

/** What comes after the headers, of which there is a part in the socket already. */
async function bodyOf(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of socket as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    const all = bytes > SEGMENT_BYTES ? Buffer.concat(pieces) : undefined;
    const start = all ? all.indexOf('\r\n\r\n') + 4 : 0;
    if (all && all.length >= start + SEGMENT_BYTES) return all.subarray(start);
  }
  throw new Error('the answer was broken off');
}

/** When the streamer has closed the next connection that is made to it. */
const connectionClosed = ({ app }: StreamerFixture): Promise<void> =>
  new Promise((resolve) => {
    app.server.once('connection', (socket) => socket.once('close', () => resolve()));
  });

const read = async (streamer: StreamerFixture, name: string): Promise<number> => {
  const [, value = 'NaN'] = new RegExp(`^${name} (.*)$`, 'm').exec(await streamer.metrics.metrics()) ?? [];
  return Number(value);
};
const beyondCache = (streamer: StreamerFixture) => read(streamer, 'stream_plus_stream_beyond_cache_bytes');

describe('clients that read nothing', () => {
  it('hold no more memory than there is for them: those that came first are cut', () =>
    withSegments(
      { cacheBytes: SEGMENT_BYTES * 1.5, maxBytesBeyondCache: SEGMENT_BYTES * 1.5 },
      async (streamer, urlOf) => {
        const clients = [];
        for (const n of [0, 1]) clients.push(await stalled(streamer, urlOf(n)));
        // The cache has the second one's segment, only the first one's client holds the other.
        expect(await beyondCache(streamer)).toBe(SEGMENT_BYTES);
        clients.push(await stalled(streamer, urlOf(2)));
        clients[0]?.socket.resume();
        await clients[0]?.cut;
        expect(await beyondCache(streamer)).toBe(SEGMENT_BYTES);
        expect(await read(streamer, 'stream_plus_stream_cut_total{reason="memory"}')).toBe(1);
        const reply = await streamer.app.inject(urlOf(3));
        expect(reply.rawPayload.length).toBe(SEGMENT_BYTES);
        for (const { socket } of clients) socket.destroy();
      },
    ));

  it('cost nothing while the cache has their file, however many they are', () =>
    withSegments({ cacheBytes: SEGMENT_BYTES * 1.5, maxBytesBeyondCache: 1 }, async (streamer, urlOf) => {
      const clients = await Promise.all([0, 0, 0].map((n) => stalled(streamer, urlOf(n))));
      expect(await beyondCache(streamer)).toBe(0);
      expect(clients.map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
      for (const { socket } of clients) socket.destroy();
    }));

  it('give back what they held when they leave', () =>
    withSegments({ cacheBytes: 1 }, async (streamer, urlOf) => {
      const closed = connectionClosed(streamer);
      const { socket } = await stalled(streamer, urlOf(0));
      expect(await beyondCache(streamer)).toBe(SEGMENT_BYTES);
      socket.destroy();
      await closed;
      expect(await beyondCache(streamer)).toBe(0);
    }));

  it('give back what they have asked for at once, too, though none of it was begun', () =>
    withSegments({ cacheBytes: 1 }, async (streamer, urlOf) => {
      const closed = connectionClosed(streamer);
      const { socket } = await stalled(streamer, urlOf(0), urlOf(1), urlOf(2));
      await streamer.app.inject(urlOf(3));
      expect(await beyondCache(streamer)).toBe(3 * SEGMENT_BYTES);
      socket.destroy();
      await closed;
      expect(await beyondCache(streamer)).toBe(0);
    }));

  it('get every byte once they read on, though the cache has dropped the file and others have had it', () =>
    withSegments(
      { cacheBytes: SEGMENT_BYTES * 1.5, maxBytesBeyondCache: SEGMENT_BYTES },
      async (streamer, urlOf) => {
        const slow = await stalled(streamer, urlOf(3));
        await streamer.app.inject(urlOf(3));
        for (const n of [1, 2]) await streamer.app.inject(urlOf(n));
        expect(await beyondCache(streamer)).toBe(SEGMENT_BYTES);
        const answered = await bodyOf(slow.socket);
        expect(answered.equals(Buffer.alloc(SEGMENT_BYTES, 3))).toBe(true);
        expect(await beyondCache(streamer)).toBe(0);
      },
    ));

  it('are disconnected once nothing has moved for a while', () =>
    withSegments({ idleTimeoutMs: 200 }, async (streamer, urlOf) => {
      const closed = connectionClosed(streamer);
      const { socket, cut } = await stalled(streamer, urlOf(0));
      await closed;
      socket.resume();
      await cut;
      expect(socket.bytesRead).toBeLessThan(SEGMENT_BYTES);
    }));
});
