import { describe, expect, it } from '@jest/globals';
import { createMemoryBlobs } from '../test/support/streamer-fixture.js';
import { createPrefetch } from './prefetch.js';
import { createSegmentCache } from './segment-cache.js';

const never = new AbortController().signal;
const PREFIX = 'video_a/1/';
const NEXT = `${PREFIX}v360/s00001.2.m4s`;

/** A film of two segments of 100 bytes each, whose first one and whose playlist are held. */
async function fixture({ maxBytes = 1e6, segments = 2 } = {}) {
  const blobs = createMemoryBlobs();
  const files = createSegmentCache({
    openBlob: (key, signal) => blobs.open(key, signal),
    maxBytes,
    stopping: never,
  });
  const store = (count: number) => {
    const names = Array.from({ length: count }, (_, n) => `#EXTINF:4.0,\ns0000${n}.${n + 1}.m4s\n`);
    blobs.files.set(`${PREFIX}v360/media.m3u8`, Buffer.from(`#EXTM3U\n${names.join('')}`));
  };
  store(segments);
  for (const name of ['s00000.1', 's00001.2'])
    blobs.files.set(`${PREFIX}v360/${name}.m4s`, Buffer.alloc(100));
  await files.load(`${PREFIX}v360/media.m3u8`, 'media', never);
  const first = (await files.load(`${PREFIX}v360/s00000.1.m4s`, 'segment', never))!.file;
  const prefetch = createPrefetch({ files, stopping: never });
  const follow = () => prefetch.follow(PREFIX, 'v360/s00000.1.m4s', first);
  return { blobs, files, follow, store, readsOfNext: () => blobs.reads.filter((key) => key === NEXT).length };
}

describe('prefetch', () => {
  it('reads the next segment once, however many ask for this one', async () => {
    const { follow, readsOfNext } = await fixture();
    for (let viewer = 0; viewer < 3; viewer += 1) follow();
    expect(readsOfNext()).toBe(1);
  });

  it('reads it as soon as the playlist has it', async () => {
    const { files, follow, store, readsOfNext } = await fixture({ segments: 1 });
    follow();
    expect(readsOfNext()).toBe(0);
    store(2);
    await files.load(`${PREFIX}v360/media.m3u8`, 'media', never);
    follow();
    expect(readsOfNext()).toBe(1);
  });

  it('reads nothing that is held', async () => {
    const { files, follow, readsOfNext } = await fixture();
    await files.load(NEXT, 'segment', never);
    follow();
    expect(readsOfNext()).toBe(1);
  });

  it('leaves a small cache to what is in use', async () => {
    const { follow, readsOfNext } = await fixture({ maxBytes: 100 * 31 });
    follow();
    expect(readsOfNext()).toBe(0);
  });

  it('keeps out of the way of those who wait for storage', async () => {
    const { blobs, files, follow, readsOfNext } = await fixture();
    const { read } = blobs;
    const answer = Promise.withResolvers<undefined>();
    blobs.read = () => answer.promise;
    const waiting = [0, 1, 2, 3].map((n) => files.load(`other${n}`, 'segment', never));
    blobs.read = read;
    follow();
    expect(readsOfNext()).toBe(0);
    answer.resolve(undefined);
    await Promise.all(waiting);
    follow();
    expect(readsOfNext()).toBe(1);
  });

  it('bears a storage that fails', async () => {
    const { blobs, follow, readsOfNext } = await fixture();
    blobs.down = true;
    follow();
    expect(readsOfNext()).toBe(1);
  });
});
