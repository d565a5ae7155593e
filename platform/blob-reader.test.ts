import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AppError } from '../schema/errors.js';
import { asError } from './as-error.js';
import { createBlobReader, type BlobReader } from './blob-reader.js';

const never = new AbortController().signal;

/** Runs `work` with a reader on a storage that answers by `listener`; counts its requests. */
async function withStorage(
  listener: RequestListener,
  work: (reader: BlobReader, requests: () => number, clock: { now: number }) => Promise<void>,
): Promise<void> {
  let requests = 0;
  let signatures = 0;
  const clock = { now: 0 };
  const server = createServer((request, response) => {
    requests += 1;
    listener(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const sign = () => {
    signatures += 1;
    return (name: string) => `/${name}?sig=secret${signatures}`;
  };
  const readUrls = { origin: `http://127.0.0.1:${port}`, sign };
  const reader = createBlobReader({ readUrls, now: () => clock.now });
  try {
    await work(reader, () => requests, clock);
  } finally {
    await reader.close();
    server.closeAllConnections();
    server.close();
  }
}

async function readWhole(
  reader: BlobReader,
  key: string,
  signal: AbortSignal,
): Promise<{ etag: string; body: Buffer } | undefined> {
  const opened = await reader.open(key, signal);
  await opened?.arriving.whole;
  return opened && { etag: opened.etag, body: opened.arriving.body.bytes() };
}

describe('the blob reader', () => {
  it('reads a whole blob and its validator', () =>
    withStorage(
      (request, response) => response.setHeader('etag', '"0x1"').end(`content of ${request.url}`),
      async (reader) => {
        const blob = await readWhole(reader, 'a/1/poster.jpg', never);
        expect(blob?.body.toString()).toBe('content of /a/1/poster.jpg?sig=secret1');
        expect(blob?.etag).toBe('"0x1"');
      },
    ));

  it('signs anew before a signature ends', () => {
    const urls: (string | undefined)[] = [];
    return withStorage(
      ({ url }, response) => {
        urls.push(url);
        response.writeHead(200, { etag: '"1"', 'content-length': 0 }).end();
      },
      async (reader, _requests, clock) => {
        await readWhole(reader, 'a', never);
        clock.now += 299_999;
        await readWhole(reader, 'b', never);
        clock.now += 1;
        await readWhole(reader, 'c', never);
        expect(urls).toEqual(['/a?sig=secret1', '/b?sig=secret1', '/c?sig=secret2']);
      },
    );
  });

  it('finds nothing where there is nothing', () =>
    withStorage(
      (_request, response) => response.writeHead(404).end('<Error/>'),
      async (reader, requests) => {
        expect(await readWhole(reader, 'a', never)).toBeUndefined();
        expect(requests()).toBe(1);
      },
    ));

  it('tries again after a failure', async () => {
    const statuses = [503, 500];
    await withStorage(
      (_request, response) =>
        response.writeHead(statuses.shift() ?? 200, { 'content-length': '4', etag: '"1"' }).end('body'),
      async (reader, requests) => {
        expect((await readWhole(reader, 'a', never))?.body.toString()).toBe('body');
        expect(requests()).toBe(3);
      },
    );
  });

  it('reads a part of a blob, and tells how much there is', () =>
    withStorage(
      (request, response) => {
        expect(request.headers.range).toBe('bytes=10-13');
        response.writeHead(206, { 'content-length': '4', 'content-range': 'bytes 10-13/100' }).end('part');
      },
      async (reader) => {
        const part = await reader.readPart('a', { start: 10, maxBytes: 4 }, never);
        expect([part?.body.toString(), part?.totalBytes]).toEqual(['part', 100]);
      },
    ));

  it('finds no bytes beyond the end', () =>
    withStorage(
      (_request, response) => response.writeHead(416, { 'content-range': 'bytes */7' }).end('<Error/>'),
      async (reader) => {
        const part = await reader.readPart('a', { start: 10, maxBytes: 4 }, never);
        expect([part?.body.length, part?.totalBytes]).toEqual([0, 7]);
      },
    ));

  it('gives up in the end, and does not repeat the signed URL', () =>
    withStorage(
      (_request, response) => response.writeHead(403).end(),
      async (reader) => {
        const error = await readWhole(reader, 'a', never).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'UNAVAILABLE', cause: { message: 'blob storage answered 403' } });
      },
    ));

  it('takes no part of a blob for the whole', () =>
    withStorage(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100', etag: '"1"' });
        response.write('only this', () => response.destroy());
      },
      async (reader) => {
        await expect(readWhole(reader, 'a', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      },
    ));

  it('opens a blob before all of it is there', () => {
    const rest = Promise.withResolvers<void>();
    return withStorage(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '10', etag: '"1"' });
        response.write('begin');
        void rest.promise.then(() => response.end('+rest'));
      },
      async (reader) => {
        const opened = await reader.open('a', never);
        expect(opened?.etag).toBe('"1"');
        expect(await opened?.arriving.beyond(0)).toBe(5);
        rest.resolve();
        await opened?.arriving.whole;
        expect(opened?.arriving.body.bytes().toString()).toBe('begin+rest');
      },
    );
  });

  it('asks for the rest of the same version where a blob breaks off', () => {
    const asked: unknown[] = [];
    return withStorage(
      ({ headers }, response) => {
        asked.push([headers.range, headers['if-match']]);
        if (headers.range) return response.writeHead(206, { 'content-length': '5' }).end('+rest');
        response.writeHead(200, { 'content-length': '10', etag: '"1"' });
        return response.write('begin', () => response.destroy());
      },
      async (reader) => {
        expect((await readWhole(reader, 'a', never))?.body.toString()).toBe('begin+rest');
        expect(asked).toEqual([
          [undefined, undefined],
          ['bytes=5-', '"1"'],
        ]);
      },
    );
  });

  it('does not join two versions of a blob', () =>
    withStorage(
      ({ headers }, response) => {
        if (headers.range) return response.writeHead(412).end();
        response.writeHead(200, { 'content-length': '10', etag: '"1"' });
        return response.write('begin', () => response.destroy());
      },
      async (reader) => {
        await expect(readWhole(reader, 'a', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      },
    ));

  it('refuses a blob that nobody can have published', () =>
    withStorage(
      (_request, response) => {
        response.writeHead(200, { 'content-length': String(1024 ** 3), etag: '"1"' });
        response.write('the first of a billion bytes');
      },
      async (reader, requests) => {
        await expect(readWhole(reader, 'a', never)).rejects.toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
        expect(requests()).toBe(1);
      },
    ));

  it('lets only so many wait', () =>
    withStorage(
      () => undefined,
      async (reader) => {
        const caller = new AbortController();
        const reads = Array.from({ length: 5_100 }, () => reader.open('a', caller.signal).catch(asError));
        expect(await Promise.race(reads)).toMatchObject({ code: 'UNAVAILABLE' });
        caller.abort();
        const ends = await Promise.all(reads);
        // Of the others, 32 are under way.
        expect(ends.filter((end) => end instanceof AppError && end.cause === undefined)).toHaveLength(
          100 - 32,
        );
      },
    ));

  it('stops when its caller does', () => {
    const caller = new AbortController();
    return withStorage(
      () => caller.abort(),
      async (reader, requests) => {
        await expect(readWhole(reader, 'a', caller.signal)).rejects.toThrow();
        expect(requests()).toBe(1);
      },
    );
  });
});
