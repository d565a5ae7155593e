import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { createBlobReader } from '../../platform/blob-reader.js';
import { retryUntil } from '../../local/retry-until.js';
import { connectBlobContainer, type BlobContainer } from '../../platform/blob.js';
import { deletePrefix } from '../../platform/delete-prefix.js';
import { createReadUrls } from '../../platform/read-urls.js';
import { createPlaylistStore } from '../../processor/publish/playlist-store.js';
import { stackSetting } from '../support/test-database.js';
import { startRelay } from './relay.js';

const name = `test-${randomUUID()}`;
const connectionString = stackSetting('AZURE_STORAGE_CONNECTION_STRING');
const container: BlobContainer = connectBlobContainer({ connectionString, container: name });
const readUrls = createReadUrls({ connectionString, container: name });
const text = { contentType: 'text/plain' };

beforeAll(() => container.ensure());
afterAll(() => deletePrefix(container, ''));

describe('a blob container', () => {
  it('gives back what was stored, and nothing for what was not', async () => {
    await container.put('a/b', Buffer.from('hello'), { ...text, metadata: { version: '3' } });
    expect((await container.get('a/b'))?.toString()).toBe('hello');
    expect(await container.properties('a/b')).toMatchObject({ bytes: 5, metadata: { version: '3' } });
    expect(await container.get('a/c')).toBeUndefined();
    expect(await container.properties('a/c')).toBeUndefined();
  });

  it('writes only over the version it was told', async () => {
    const put = (body: string, ifMatch: string | null | undefined) =>
      container.put('cas', Buffer.from(body), { ...text, ifMatch });
    expect(await put('1', null)).toBe(true);
    expect(await put('2', null)).toBe(false);
    const etag = (await container.properties('cas'))?.etag;
    expect(await put('3', etag)).toBe(true);
    expect(await put('4', etag)).toBe(false);
    expect((await container.get('cas'))?.toString()).toBe('3');
  });

  it('stores streams of any length whole', async () => {
    const body = randomBytes(9_000_000);
    await container.putStream('stream', Readable.from([body.subarray(0, 5), body.subarray(5)]), text);
    expect((await container.get('stream'))?.equals(body)).toBe(true);
  });

  it('stores nothing of a stream that breaks off', async () => {
    const broken = new Readable({ read: () => undefined });
    broken.push(randomBytes(5_000_000));
    const stored = container.putStream('broken', broken, text);
    broken.destroy(new Error('the sender went away'));
    await expect(stored).rejects.toThrow('the sender went away');
    expect(await container.properties('broken')).toBeUndefined();
  });

  it('stores nothing of a stream that is aborted', async () => {
    const endless = new Readable({ read: () => undefined });
    endless.push(randomBytes(100));
    const abort = new AbortController();
    const stored = container.putStream('aborted', endless, { ...text, signal: abort.signal });
    abort.abort();
    await expect(stored).rejects.toThrow();
    endless.destroy();
    expect(await container.properties('aborted')).toBeUndefined();
  });

  it('signs URLs that read blobs, and only read', async () => {
    await container.put('a/signed.1.m4s', Buffer.from('0123456789'), text);
    const url = readUrls.origin + readUrls.sign(60)('a/signed.1.m4s');
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
    const write = await fetch(url, {
      method: 'PUT',
      body: 'x',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
    });
    expect(write.status).toBe(403);
    const { origin, pathname, search } = new URL(url);
    expect((await fetch(`${origin}${pathname}`)).status).toBe(403);
    const list = await fetch(
      `${origin}${pathname.replace('/a/signed.1.m4s', '')}${search}&restype=container&comp=list`,
    );
    expect(list.status).toBe(403);
  });

  it('gives parts of a blob to whoever has a signed URL', async () => {
    const reader = createBlobReader({ readUrls });
    const { signal } = new AbortController();
    const part = async (start: number, key = 'parts') => {
      const read = await reader.readPart(key, { start, maxBytes: 4 }, signal);
      return read && [read.body.toString(), read.totalBytes];
    };
    await container.put('parts', Buffer.from('0123456789'), text);
    expect([await part(0), await part(8), await part(3, 'none')]).toEqual([
      ['0123', 10],
      ['89', 10],
      undefined,
    ]);
    // Azurite does not say how long a blob is of which it has no bytes.
    expect((await part(10))?.[0]).toBe('');
    await reader.close();
  });

  it('is ready for readers once it is there, and only while storage answers', async () => {
    const readerOf = (container: string, place = connectionString) =>
      createBlobReader({ readUrls: createReadUrls({ connectionString: place, container }) });
    const nowhere = connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const readers = [readerOf(name), readerOf(`${name}-none`), readerOf(name, nowhere)];
    const answers = readers.map((reader) => reader.isReady().catch(() => 'no answer'));
    expect(await Promise.all(answers)).toEqual([true, false, 'no answer']);
    await Promise.all(readers.map((reader) => reader.close()));
  });

  it('makes a blob of staged blocks, in any order, the last of each id', async () => {
    for (const [id, body] of Object.entries({ b0: 'never', b1: 'left', b2: 'out' }))
      await container.stageBlock('blocks', id, Buffer.from(body));
    await container.stageBlock('blocks', 'b0', Buffer.from('right '));
    expect(await container.properties('blocks')).toBeUndefined();
    await container.commitBlocks('blocks', ['b0', 'b1']);
    expect((await container.get('blocks'))?.toString()).toBe('right left');
    expect((await container.readBytes('blocks', { start: 6, bytes: 4 }))?.toString()).toBe('left');
    expect(await container.readBytes('none', { start: 0, bytes: 4 })).toBeUndefined();
    // Whoever does not know whether it was committed may commit again.
    await container.stageBlock('blocks', 'b1', Buffer.from('side'));
    await container.commitBlocks('blocks', ['b0', 'b1']);
    expect((await container.get('blocks'))?.toString()).toBe('right side');
  });

  it('drops staged blocks with their blob', async () => {
    await container.stageBlock('dropped', 'b0', Buffer.from('x'));
    await container.discardBlocks('dropped');
    expect(await container.properties('dropped')).toBeUndefined();
    await expect(container.commitBlocks('dropped', ['b0'])).rejects.toThrow();
  });

  it('signs URLs that write one blob, and only write', async () => {
    const url = await container.writeUrl('intake', 60);
    const put = (to: string) =>
      fetch(to, { method: 'PUT', body: 'from outside', headers: { 'x-ms-blob-type': 'BlockBlob' } });
    expect((await put(url)).status).toBe(201);
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await put(url.replace('intake', 'other'))).status).toBe(403);
    expect((await container.get('intake'))?.toString()).toBe('from outside');
  });

  it('copies a blob that does not change with the first one', async () => {
    await container.put('from', Buffer.from('first'), text);
    await container.copy('from', 'to');
    await container.put('from', Buffer.from('second'), text);
    expect((await container.get('to'))?.toString()).toBe('first');
    await expect(container.copy('none', 'to')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('lists and deletes by prefix', async () => {
    for (const name of ['p/1', 'p/2', 'q/1']) await container.put(name, Buffer.from('x'), text);
    expect(await deletePrefix(container, 'p/')).toBe(2);
    expect(await container.get('p/1')).toBeUndefined();
    expect(await container.get('q/1')).toBeDefined();
  });
});

describe('storage that accepts calls and never answers', () => {
  const requestMs = 300;
  const calls: Record<string, (stuck: BlobContainer) => Promise<unknown>> = {
    put: (stuck) => stuck.put('stuck', Buffer.from('x'), text),
    'put a stream': (stuck) => stuck.putStream('stuck', Readable.from([randomBytes(5_000_000)]), text),
    get: (stuck) => stuck.get('signed'),
    properties: (stuck) => stuck.properties('signed'),
    list: (stuck) => stuck.list('')[Symbol.asyncIterator]().next(),
    delete: (stuck) => stuck.delete('signed'),
    ensure: (stuck) => stuck.ensure(),
    'read bytes': (stuck) => stuck.readBytes('signed', { start: 0, bytes: 1 }),
    'stage a block': (stuck) => stuck.stageBlock('stuck', 'b0', Buffer.from('x')),
    'commit blocks': (stuck) => stuck.commitBlocks('stuck', ['b0']),
    copy: (stuck) => stuck.copy('signed', 'stuck'),
  };

  it.each(Object.entries(calls))('is given up: %s', async (_, call) => {
    await using relay = await startRelay(stackSetting('AZURE_STORAGE_CONNECTION_STRING'));
    const { connectionString } = relay;
    const stuck = connectBlobContainer({ connectionString, container: name, requestMs });
    // On a busy machine a call that is answered may take as long, too.
    const reading = { signal: AbortSignal.timeout(15_000), everyMs: 50 };
    expect(await retryUntil(() => stuck.get('cas'), reading)).toBeDefined();
    relay.stall();
    await expect(call(stuck)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('leaves a caller that has given up its own reason', async () => {
    await using relay = await startRelay(stackSetting('AZURE_STORAGE_CONNECTION_STRING'));
    const stuck = connectBlobContainer({ connectionString: relay.connectionString, container: name });
    relay.stall();
    const signal = AbortSignal.timeout(50);
    await expect(stuck.get('cas', signal)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });
});

describe('a playlist', () => {
  it('is never replaced by an older one, whoever is slower', async () => {
    const playlists = createPlaylistStore({ container });
    const versions = Array.from({ length: 12 }, (_, index) => index + 1);
    const writes = versions.map((version) => playlists.write('media.m3u8', `v${version}`, version));
    await Promise.all(writes);
    expect((await container.get('media.m3u8'))?.toString()).toBe('v12');
    expect(await playlists.write('media.m3u8', 'late', 12)).toBe(false);
  });
});
