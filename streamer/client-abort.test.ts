import { request, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { hlsFiles } from '../schema/blob-paths.js';
import { publish, withStreamer, type StreamerFixture } from '../test/support/streamer-fixture.js';

/** Makes storage hang on this file; tells when it is read and when that read is aborted. */
function hangOn(streamer: StreamerFixture, file: string) {
  const reading = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const { read } = streamer.blobs;
  streamer.blobs.read = (key, signal) => {
    if (!key.endsWith(file)) return read(key, signal);
    reading.resolve();
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted.resolve();
        reject(new Error('aborted'));
      });
    });
  };
  return { reading: reading.promise, aborted: aborted.promise };
}

function connect(streamer: StreamerFixture, path: string): ClientRequest {
  const { port } = streamer.app.server.address() as AddressInfo;
  const client = request({ host: '127.0.0.1', port, path });
  client.on('error', () => undefined).end();
  return client;
}

describe('a client that leaves while storage is read', () => {
  it('takes the read with it, and that is nobody’s error', () =>
    withStreamer(async (streamer) => {
      const { mediaUrl } = publish(streamer);
      const file = hlsFiles.segment('v360', 0, 1);
      const hanging = hangOn(streamer, file);
      const left = streamer.nextLine('"status":499');
      await streamer.app.listen({ host: '127.0.0.1', port: 0 });
      const client = connect(streamer, mediaUrl(file));
      await hanging.reading;
      client.destroy();
      await Promise.all([hanging.aborted, left]);
      const metrics = await streamer.metrics.metrics();
      expect(metrics).toContain('stream_plus_stream_requests_total{kind="segment",status="499"} 1');
      expect(streamer.logged()).not.toContain('request failed');
      expect(streamer.logged()).not.toContain('"level":50');
    }));
});
