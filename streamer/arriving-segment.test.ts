import { once } from 'node:events';
import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import { BufferBody } from '../platform/memory/body.js';
import { receiveBlob } from '../test/support/receive-blob.js';
import { publish, type StreamerFixture, withStreamer } from '../test/support/streamer-fixture.js';

const file = hlsFiles.segment('v360', 0, 1);

/** Storage that sends this segment of ten bytes when it is told to. */
function slowStorage(streamer: StreamerFixture) {
  let next = Promise.withResolvers<Buffer>();
  const opened: string[] = [];
  const isOpen = Promise.withResolvers<void>();
  async function* pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      const piece = await next.promise;
      next = Promise.withResolvers();
      yield piece;
    }
  }
  const { open } = streamer.blobs;
  streamer.blobs.open = (key, signal) => {
    if (!key.endsWith(file)) return open(key, signal);
    opened.push(key);
    const arriving = receiveBlob(BufferBody.ofLength(10), until(10, pieces()));
    isOpen.resolve();
    return Promise.resolve({ etag: '"1"', arriving });
  };
  return {
    opened,
    /** Once the segment was asked for. */
    isOpen: isOpen.promise,
    send: (text: string) => next.resolve(Buffer.from(text)),
    breakOff: () => {
      const { reject } = next;
      next = Promise.withResolvers();
      reject(new AppError('UNAVAILABLE'));
    },
  };
}

async function* until(bytes: number, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const piece of pieces) {
    yield piece;
    left -= piece.length;
    if (left <= 0) return;
  }
}

async function ask(
  { app }: StreamerFixture,
  path: string,
  options: RequestOptions = {},
): Promise<IncomingMessage> {
  const { port } = app.server.address() as AddressInfo;
  const [reply] = (await once(get({ port, path, agent: false, ...options }), 'response')) as [
    IncomingMessage,
  ];
  return reply;
}

const next = async (reply: IncomingMessage): Promise<string> => String((await once(reply, 'data'))[0]);

async function rest(reply: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of reply) text += String(piece);
  return text;
}

const withSlowStorage = (
  work: (streamer: StreamerFixture, storage: ReturnType<typeof slowStorage>, url: string) => Promise<void>,
): Promise<void> =>
  withStreamer(async (streamer) => {
    const { mediaUrl } = publish(streamer);
    const storage = slowStorage(streamer);
    await streamer.app.listen({ host: '127.0.0.1', port: 0 });
    await work(streamer, storage, mediaUrl(file));
  });

describe('a segment that storage is still sending', () => {
  it('is sent on piece by piece, also to those who come later, and read once', () =>
    withSlowStorage(async (streamer, storage, url) => {
      const first = ask(streamer, url);
      storage.send('01234');
      const early = await first;
      expect(early.headers).toMatchObject({ 'content-length': '10', etag: '"1"', 'accept-ranges': 'bytes' });
      expect(await next(early)).toBe('01234');
      const late = await ask(streamer, url);
      expect(await next(late)).toBe('01234');
      storage.send('56789');
      expect(await Promise.all([rest(early), rest(late)])).toEqual(['56789', '56789']);
      expect((await streamer.app.inject(url)).body).toBe('0123456789');
      expect(storage.opened).toHaveLength(1);
    }));

  it('has its parts and its headers, too', () =>
    withSlowStorage(async (streamer, storage, url) => {
      const asked = ask(streamer, url, { method: 'HEAD' });
      storage.send('01234');
      expect((await asked).headers['content-length']).toBe('10');
      const part = await ask(streamer, url, { headers: { range: 'bytes=3-6' } });
      expect(part.statusCode).toBe(206);
      expect(part.headers).toMatchObject({ 'content-range': 'bytes 3-6/10', 'content-length': '4' });
      expect(await next(part)).toBe('34');
      storage.send('56789');
      expect(await rest(part)).toBe('56');
    }));

  it('is broken off where storage does, and asked for anew after that', () =>
    withSlowStorage(async (streamer, storage, url) => {
      const asked = ask(streamer, url);
      storage.send('01234');
      const reply = await asked;
      expect(await next(reply)).toBe('01234');
      storage.breakOff();
      await expect(rest(reply)).rejects.toThrow('aborted');
      expect(streamer.logged()).not.toContain(url);
      const again = ask(streamer, url);
      storage.send('0123456789');
      expect(await rest(await again)).toBe('0123456789');
      expect(storage.opened).toHaveLength(2);
    }));

  it('is 503 where storage breaks off before the first byte', () =>
    withSlowStorage(async (streamer, storage, url) => {
      const asked = ask(streamer, url);
      await storage.isOpen;
      storage.breakOff();
      const reply = await asked;
      expect(reply.statusCode).toBe(503);
      expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'retry-after': '2' });
      expect(reply.headers).not.toHaveProperty('etag');
      reply.resume();
    }));

  it('is read to its end for those who come later, though its viewer leaves', () =>
    withSlowStorage(async (streamer, storage, url) => {
      const asked = ask(streamer, url);
      storage.send('01234');
      const reply = await asked;
      await next(reply);
      const gone = once(reply, 'close');
      reply.destroy();
      await gone;
      const later = ask(streamer, url);
      storage.send('56789');
      expect(await rest(await later)).toBe('0123456789');
      expect(storage.opened).toHaveLength(1);
    }));
});
