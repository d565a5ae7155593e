import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { BlobReader } from '../../platform/blob-reader.js';
import { AppError } from '../../schema/errors.js';
import { startSourceServer, type SourceServer } from './source-server.js';

type ReadPart = BlobReader['readPart'];

const KEY = 'video_a/source';
const blob = randomBytes(11_000_000);
const parts: { start: number; maxBytes: number }[] = [];

const readBlob: ReadPart = (key, range) => {
  parts.push(range);
  const { start, maxBytes } = range;
  const body = blob.subarray(start, start + maxBytes);
  return Promise.resolve(key === KEY ? { body, totalBytes: blob.length } : undefined);
};

let server: SourceServer | undefined;
afterEach(async () => {
  await server?.close();
  parts.length = 0;
});

async function openSource(readPart: ReadPart, key = KEY) {
  server = await startSourceServer({ reader: { readPart }, log: pino({ level: 'silent' }) });
  return server.open(key);
}

const from = (start: number) => ({ headers: { range: `bytes=${start}-` } });

describe('the source server', () => {
  it('delivers a blob to its end, in parts that grow to a few megabytes', async () => {
    const { url } = await openSource(readBlob);
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '11000000']);
    expect(Buffer.from(await answer.arrayBuffer()).equals(blob)).toBe(true);
    const sizes = parts.map(({ maxBytes }) => maxBytes / 1024);
    expect(sizes).toEqual([256, 256, 512, 1024, 2048, 4096, 4096]);
  });

  it('delivers from any byte on, and says where it is', async () => {
    const { url } = await openSource(readBlob);
    const answer = await fetch(url, from(10_000_000));
    expect([answer.status, answer.headers.get('content-range')]).toEqual([
      206,
      'bytes 10000000-10999999/11000000',
    ]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(blob.subarray(10_000_000))).toBe(true);
  });

  it('says that there is nothing beyond the end, and no such blob', async () => {
    const { url } = await openSource(readBlob);
    expect((await fetch(url, from(blob.length))).status).toBe(416);
    const missing = server?.open('video_b/source').url ?? '';
    expect((await fetch(missing)).status).toBe(404);
  });

  it('is known only to who was given the address, and only while it is open', async () => {
    const source = await openSource(readBlob);
    const guess = source.url.replace(/[0-9a-f-]{36}/, '00000000-0000-4000-8000-000000000000');
    expect((await fetch(guess)).status).toBe(404);
    expect((await fetch(source.url, { method: 'POST' })).status).toBe(404);
    source[Symbol.dispose]();
    expect((await fetch(source.url)).status).toBe(404);
    expect(parts).toEqual([]);
  });

  it('tells who reads that storage does not answer', async () => {
    const { url } = await openSource(() => Promise.reject(new AppError('UNAVAILABLE')));
    expect((await fetch(url)).status).toBe(503);
  });

  it('breaks off where it cannot go on, so that nobody takes a part for the whole', async () => {
    let calls = 0;
    const { url } = await openSource((key, range, signal) =>
      (calls += 1) < 3 ? readBlob(key, range, signal) : Promise.reject(new AppError('UNAVAILABLE')),
    );
    await expect(fetch(url).then((answer) => answer.arrayBuffer())).rejects.toThrow('terminated');
  });

  it('reads no further once nobody listens', async () => {
    const aborted = Promise.withResolvers<void>();
    const { url } = await openSource((key, range, signal) => {
      if (range.start === 0) return readBlob(key, range, signal);
      signal.addEventListener('abort', () => aborted.resolve(), { once: true });
      return new Promise(() => undefined);
    });
    const reading = new AbortController();
    const answer = await fetch(url, { signal: reading.signal });
    expect(answer.status).toBe(200);
    reading.abort();
    await aborted.promise;
    expect(parts).toHaveLength(1);
  });
});
