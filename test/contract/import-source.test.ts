import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { deletePrefix } from '../../platform/delete-prefix.js';
import type { ResolveName } from '../../platform/guarded-fetch.js';
import { AppError } from '../../schema/errors.js';
import { breakOff, serveFile, startBadServer, type Answer } from '../support/bad-server.js';
import {
  answerStatus,
  failedImport,
  importBlobs as blobs,
  importFrom,
  type ImportOptions,
  madeUpFilm,
  redirectTo,
} from '../support/import-fixture.js';

beforeAll(() => blobs.ensure());
afterAll(() => deletePrefix(blobs, ''));

const film = madeUpFilm(9_000_000);
const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');
const whole = { outcome: 'OK', imported: { sizeBytes: film.length, sha256: sha256(film) } };

describe('an import', () => {
  it('stores a source as it is, and says how far it is', async () => {
    const done = await importFrom({
      '/film': (request, response) => serveFile(request, response, { body: film }),
    });
    expect(done).toMatchObject(whole);
    expect(done.stored?.equals(film)).toBe(true);
    expect(done.seen).toEqual([{ path: '/film', acceptEncoding: 'identity' }]);
    expect(done.progress.at(-1)).toEqual({ receivedBytes: film.length, totalBytes: film.length });
  });

  it('needs no length, and takes what comes in chunks or until the connection ends', async () => {
    const chunked: Answer = (_, response) => {
      response.write(film.subarray(0, 1_000));
      response.end(film.subarray(1_000));
    };
    const untilClosed: Answer = ({ socket }) => {
      socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), film]));
    };
    for (const answer of [chunked, untilClosed]) {
      const done = await importFrom({ '/film': answer });
      expect(done).toMatchObject(whole);
      expect(done.progress.at(-1)).toEqual({ receivedBytes: film.length });
    }
  });

  it('follows redirects, and keeps long signed addresses as they are', async () => {
    const query = `?sig=${'a%2Fb'.repeat(1_000)}`;
    const done = await importFrom(
      {
        '/a': redirectTo('/b/../c'),
        '/c': redirectTo(`film${query}`),
        '/film': (request, response) => serveFile(request, response, { body: film }),
      },
      { url: (server) => server.url('/a').href },
    );
    expect(done).toMatchObject(whole);
    expect(done.seen.at(-1)?.path).toBe(`/film${query}`);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('undoes %s that nobody asked for', async (encoding, encode) => {
    const body = encode(film.subarray(0, 100_000));
    const done = await importFrom({
      '/film': (_, response) => {
        response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body);
      },
    });
    expect(done.stored?.equals(film.subarray(0, 100_000))).toBe(true);
  });
});

describe('a source that breaks off', () => {
  const half = film.length / 2;

  it('is gone on with where it broke off, as long as it is the same', async () => {
    const file = { body: film, etag: '"v1"', hasRanges: true, breakAfter: half };
    const done = await importFrom({ '/film': (request, response) => serveFile(request, response, file) });
    expect(done).toMatchObject(whole);
    expect(done.stored?.equals(film)).toBe(true);
    const [first, second] = done.seen;
    expect(done.seen).toHaveLength(2);
    expect(first?.range).toBeUndefined();
    expect(second).toMatchObject({ ifRange: '"v1"', range: expect.stringMatching(/^bytes=[1-9]\d*-$/) });
  });

  it('is begun anew where it has no ranges', async () => {
    const done = await importFrom({
      '/film': (request, response, count) =>
        serveFile(request, response, { body: film, breakAfter: count === 1 ? half : undefined }),
    });
    expect(done).toMatchObject(whole);
    expect(done.stored?.equals(film)).toBe(true);
  });

  it('is begun anew where it has changed', async () => {
    const old = madeUpFilm(film.length);
    const done = await importFrom({
      '/film': (request, response, count) =>
        serveFile(request, response, {
          ...{ hasRanges: true, etag: count === 1 ? '"v1"' : '"v2"' },
          ...(count === 1 ? { body: old, breakAfter: half } : { body: film }),
        }),
    });
    expect(done).toMatchObject(whole);
    expect(done.stored?.equals(film)).toBe(true);
  });

  it('is begun anew where another range comes than was asked for', async () => {
    const done = await importFrom({
      '/film'(request, response, count) {
        if (count !== 2) {
          const breakAfter = count === 1 ? half : undefined;
          return serveFile(request, response, { body: film, hasRanges: true, breakAfter });
        }
        const range = `bytes 10-${film.length - 1}/${film.length}`;
        response.writeHead(206, { 'content-range': range }).end(film.subarray(10));
      },
    });
    expect(done).toMatchObject(whole);
    expect(done.stored?.equals(film)).toBe(true);
  });

  it('is damaged where it always ends at the same byte before its length', async () => {
    const length = { 'content-length': 1_000 };
    const done = await importFrom({
      '/film': (_, response) => breakOff(response.writeHead(200, length), film.subarray(0, 500)),
    });
    expect(done).toMatchObject(failedImport('MEDIA_TRUNCATED'));
    expect(done.seen).toHaveLength(6);
  });

  it('is given up where it never comes to its end', async () => {
    const done = await importFrom({
      '/film': (request, response, count) =>
        serveFile(request, response, { body: film, breakAfter: half + count }),
    });
    expect(done).toMatchObject(failedImport('SOURCE_UNREACHABLE'));
  });

  it('has as many bytes as it says, whatever comes after them', async () => {
    const done = await importFrom({
      '/film': ({ socket }) => {
        socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'), film]));
      },
    });
    expect(done).toMatchObject({ outcome: 'OK', imported: { sizeBytes: 500 } });
  });
});

describe('a source that is out of reach', () => {
  it.each([500, 502, 503, 429, 408, 204])('for now, by %d, is asked again', async (code) => {
    const done = await importFrom({ '/film': answerStatus(code) }, { reader: { fruitlessTries: 3 } });
    expect(done).toMatchObject(failedImport('SOURCE_UNREACHABLE'));
    expect(done.message).not.toContain('secret');
    expect(done.seen).toHaveLength(3);
  });

  it('is left alone for as long as it asks, within bounds', async () => {
    const answer: Answer = (request, response, count) =>
      count === 1
        ? answerStatus(429, { 'retry-after': '3600' })(request, response, count)
        : void response.end(film);
    const startedAt = performance.now();
    const done = await importFrom({ '/film': answer }, { reader: { maxRetryAfterMs: 200 } });
    expect(done).toMatchObject(whole);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  it('has no name, or nobody who listens', async () => {
    const unknown = await importFrom(
      {},
      {
        url: () => 'http://nobody.invalid/film',
        resolve: () => Promise.reject(new Error('ENOTFOUND')),
        reader: { fruitlessTries: 1 },
      },
    );
    expect(unknown).toMatchObject(failedImport('SOURCE_UNREACHABLE'));
    const { port } = await startBadServer({}).then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server;
    });
    const closed = await importFrom(
      {},
      { url: () => `http://127.0.0.1:${port}/`, reader: { fruitlessTries: 1 } },
    );
    expect(closed).toMatchObject(failedImport('SOURCE_UNREACHABLE'));
  });

  it.each<[string, Answer]>([
    ['accepts and says nothing', () => undefined],
    ['hangs up', ({ socket }) => void socket.destroy()],
    ['speaks something else', ({ socket }) => void socket.end('220 mail.example ESMTP\r\n')],
    [
      'has a head without an end',
      ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(70_000)}`),
    ],
    ['begins and pauses', (_, response) => void response.writeHead(200).write(film.subarray(0, 500))],
  ])('%s', async (_, answer) => {
    const done = await importFrom(
      { '/film': answer },
      {
        fetch: { headMs: 50, idleMs: 50 },
        reader: { fruitlessTries: 1 },
        limits: { beginnings: 1 },
      },
    );
    expect(['SOURCE_UNREACHABLE', 'MEDIA_TRUNCATED']).toContain(done.outcome);
    expect(done).toMatchObject({ isLeft: false, connections: 0 });
  });

  it('sends byte after byte, too slowly', async () => {
    const dribble: Answer = (_, response) => {
      const timer = setInterval(() => response.write('a'), 5);
      response.on('close', () => clearInterval(timer));
    };
    const done = await importFrom({ '/film': dribble }, { reader: { windowMs: 100 } });
    expect(done).toMatchObject(failedImport('SOURCE_UNREACHABLE'));
    expect(done.message).toMatch(/slow/);
  });

  it('takes longer than one import may', async () => {
    const steady: Answer = (_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(1_000)), 5);
      response.on('close', () => clearInterval(timer));
    };
    const done = await importFrom({ '/film': steady }, { limits: { maxMs: 200 } });
    expect(done).toMatchObject(failedImport('SOURCE_UNREACHABLE'));
  });
});

describe('a source with too much', () => {
  const limits = { maxBytes: 1_000_000 };
  const endless: Answer = (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(film.subarray(0, 65_536)));
    };
    response.on('drain', more);
    more();
  };

  it('is refused as soon as it says so', async () => {
    const done = await importFrom(
      {
        '/film': (request, response) => serveFile(request, response, { body: film }),
      },
      { limits },
    );
    expect(done).toMatchObject({ ...failedImport('UPLOAD_TOO_LARGE'), progress: [] });
  });

  it('is cut off where it does not say so: endless, or packed', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const packed: Answer = (_, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
    for (const answer of [endless, packed]) {
      const done = await importFrom({ '/film': answer }, { limits });
      expect(done).toMatchObject(failedImport('UPLOAD_TOO_LARGE'));
      expect(Math.max(...done.progress.map(({ receivedBytes }) => receivedBytes))).toBeLessThanOrEqual(
        1_000_000,
      );
    }
  });

  it('is cut off where the organization has no room left', async () => {
    const done = await importFrom({ '/film': endless }, { storageLeft: 500_000 });
    expect(done).toMatchObject(failedImport('QUOTA_EXCEEDED'));
  });
});

describe('an import that is told to stop', () => {
  const reason = new AppError('STOPPED');

  it('leaves nothing, in the middle of the body', async () => {
    const stop = new AbortController();
    const file = { body: film, breakAfter: undefined };
    const slow: Answer = (request, response) => {
      response.writeHead(200, { 'content-length': file.body.length }).write(film.subarray(0, 5_000_000));
    };
    const done = await importFrom(
      { '/film': slow },
      {
        fetch: { idleMs: 60_000 },
        signal: stop.signal,
        onProgress: (bytes) => void (bytes >= 5_000_000 && stop.abort(reason)),
      },
    );
    expect(done).toMatchObject(failedImport('STOPPED'));
  });

  it('ends in the middle of a look-up', async () => {
    const stop = new AbortController();
    const resolve: ResolveName = () => {
      setImmediate(() => stop.abort(reason));
      return new Promise(() => undefined);
    };
    const done = await importFrom({}, { signal: stop.signal, resolve, url: () => 'http://media.example/' });
    expect(done).toMatchObject(failedImport('STOPPED'));
  });

  it.each<[string, ImportOptions, Answer]>([
    ['of the wait for an answer', { fetch: { headMs: 60_000 } }, () => undefined],
    ['of a pause', { reader: { firstDelayMs: 600_000 } }, answerStatus(503)],
    [
      'of a pause before it begins anew',
      { limits: { beginAnewDelayMs: 600_000 } },
      (_, response) => breakOff(response.writeHead(200), film.subarray(0, 500)),
    ],
  ])('ends in the middle %s', async (_, options, answer) => {
    const stop = new AbortController();
    const stopping: Answer = (request, response, count) => {
      const hasAnswer = answer(request, response, count) !== undefined || response.headersSent;
      if (hasAnswer) request.socket.once('close', () => stop.abort(reason));
      else stop.abort(reason);
    };
    const done = await importFrom({ '/film': stopping }, { ...options, signal: stop.signal });
    expect(done).toMatchObject(failedImport('STOPPED'));
    expect(done.seen).toHaveLength(1);
  });

  it('leaves to its successor what belongs to it', async () => {
    const key = `source-${randomUUID()}`;
    await blobs.put(key, Buffer.from('of the one before'), { contentType: 'text/plain' });
    const before = (await blobs.properties(key))?.etag;
    await blobs.put(key, Buffer.from('of the successor'), { contentType: 'text/plain' });
    expect(await blobs.discardBlocks(key, before)).toBe(false);
    expect((await blobs.get(key))?.toString()).toBe('of the successor');
  });
});
