import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { BufferBody } from '../platform/memory/body.js';
import { allocateBody } from '../platform/memory/memory-file.js';
import { hlsFiles } from '../schema/blob-paths.js';
import {
  type MemoryBlobs,
  publish,
  type StreamerFixture,
  withStreamer,
} from '../test/support/streamer-fixture.js';
import { PIECE_BYTES } from './in-pieces.js';

/** More than the system's buffers between two sockets of one machine take. */
const SEGMENT_BYTES = 16 * PIECE_BYTES;
const segment = hlsFiles.segment('v360', 0, 1);

const body = Buffer.alloc(SEGMENT_BYTES, 'no piece of this is like the one before');

/** `counted` resolves when an answer was broken off, and that is counted. */
const withSegment = (
  allocate: MemoryBlobs['allocate'],
  work: (streamer: StreamerFixture, url: string, counted: Promise<unknown>) => Promise<void>,
): Promise<void> =>
  withStreamer(async (streamer) => {
    streamer.blobs.allocate = allocate;
    const { prefix, mediaUrl } = publish(streamer);
    streamer.blobs.files.set(prefix + segment, body);
    const counted = streamer.nextLine('"status":499');
    await streamer.app.listen({ host: '127.0.0.1', port: 0 });
    await work(streamer, mediaUrl(segment), counted);
  });

/** Asks for each of these on one connection, one after the other, and leaves after so many bytes of the last answer. */
function readAndLeave({ app }: StreamerFixture, urls: string[], bytes: number, field = 'accept: */*'): void {
  const socket = connect({ host: '127.0.0.1', port: (app.server.address() as AddressInfo).port });
  let read = 0;
  const ask = (): void => {
    read = 0;
    socket.write(`GET ${urls.shift()} HTTP/1.1\r\nhost: play.test\r\n${field}\r\n\r\n`);
  };
  socket
    .on('error', () => undefined)
    .on('data', (chunk: Buffer) => {
      read += chunk.length;
      if (urls.length === 0 && read >= bytes) socket.destroy();
      else if (urls.length > 0 && read > SEGMENT_BYTES) ask();
    });
  ask();
}

const bodyBytes = async ({ metrics }: StreamerFixture): Promise<number> => {
  const text = await metrics.metrics();
  return Number(/^stream_plus_stream_body_bytes_total\{kind="segment"\} (\d+)$/m.exec(text)?.[1]);
};

const ways = [
  ['is sent from where it is', allocateBody, undefined],
  ['is copied', (length: number) => BufferBody.ofLength(length), undefined],
  ['comes from Node’s own server', allocateBody, 'content-length: 0'],
] as const;

describe.each(ways)('an answer that %s, and that its client breaks off', (_how, allocate, field) => {
  it('counts as far as the connection has taken it, and as no whole segment', () =>
    withSegment(allocate, async (streamer, url, counted) => {
      readAndLeave(streamer, [url], 2 * PIECE_BYTES, field);
      await counted;
      const [session] = streamer.sessions.changed();
      const bytes = session?.bytes ?? NaN;
      // What it read in the end may be of the piece that was under way.
      expect(bytes).toBeGreaterThanOrEqual(PIECE_BYTES);
      expect(bytes).toBeLessThan(SEGMENT_BYTES);
      expect(session?.pictures.size).toBe(0);
      expect(session?.tracks.get('v360')).toEqual({ bytes, segments: 0 });
      expect(await bodyBytes(streamer)).toBe(bytes);
      expect(await streamer.metrics.metrics()).toContain(
        'stream_plus_stream_requests_total{kind="segment",status="499"} 1',
      );
      expect(streamer.logged()).not.toContain(url);
    }));

  it('counts beside those before it on the same connection', () =>
    withSegment(allocate, async (streamer, url, counted) => {
      readAndLeave(streamer, [url, url], 2 * PIECE_BYTES, field);
      await counted;
      const [session] = streamer.sessions.changed();
      expect(session?.bytes).toBeGreaterThanOrEqual(SEGMENT_BYTES + PIECE_BYTES);
      expect(session?.bytes).toBeLessThan(2 * SEGMENT_BYTES);
      expect(session?.pictures.size).toBe(1);
    }));
});

describe('a long answer of Node’s own server', () => {
  it('comes whole, and counts so', () =>
    withSegment(allocateBody, async (streamer, url) => {
      const reply = await streamer.app.inject(url);
      expect(reply.headers['content-length']).toBe(String(SEGMENT_BYTES));
      expect(body.equals(reply.rawPayload)).toBe(true);
      const range = await streamer.app.inject({ url, headers: { range: `bytes=7-${SEGMENT_BYTES - 9}` } });
      expect(body.subarray(7, -8).equals(range.rawPayload)).toBe(true);
      expect(await bodyBytes(streamer)).toBe(2 * SEGMENT_BYTES - 15);
      expect(streamer.sessions.changed()[0]?.pictures.size).toBe(1);
    }));
});
