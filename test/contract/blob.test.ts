import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { connectBlobContainer, deletePrefix, type BlobContainer } from '../../platform/blob.js';
import { createPlaylistStore } from '../../processor/publish/playlist-store.js';
import { stackSetting } from '../support/test-database.js';

const container: BlobContainer = connectBlobContainer({
  connectionString: stackSetting('AZURE_STORAGE_CONNECTION_STRING'),
  container: `test-${randomUUID()}`,
});
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

  it('signs URLs that read one blob, and only read', async () => {
    await container.put('signed', Buffer.from('0123456789'), text);
    const url = await container.readUrl('signed', 60);
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
    const write = await fetch(url, {
      method: 'PUT',
      body: 'x',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
    });
    expect(write.status).toBe(403);
    expect((await fetch(url.replace('signed', 'a/b'))).status).toBe(403);
  });

  it('lists and deletes by prefix', async () => {
    for (const name of ['p/1', 'p/2', 'q/1']) await container.put(name, Buffer.from('x'), text);
    expect(await deletePrefix(container, 'p/')).toBe(2);
    expect(await container.get('p/1')).toBeUndefined();
    expect(await container.get('q/1')).toBeDefined();
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
