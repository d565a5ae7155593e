import { describe, expect, it } from '@jest/globals';
import { createMemoryBlobs, type MemoryBlob } from '../test/support/streamer-fixture.js';
import { createSegmentCache, type CacheOutcome, type Patience } from './segment-cache.js';

const never = new AbortController().signal;

function fixture({ maxBytes = 100_000, patience }: { maxBytes?: number; patience?: Patience } = {}) {
  const blobs = createMemoryBlobs();
  const clock = { now: 1_000 };
  const outcomes: CacheOutcome[] = [];
  const dropped: string[] = [];
  const cache = createSegmentCache({
    openBlob: (key, signal) => blobs.open(key, signal),
    maxBytes,
    patience,
    stopping: never,
    onDrop: ({ body }) => dropped.push(body.bytes(0, 1).toString()),
    onRead: (outcome) => outcomes.push(outcome),
    now: () => clock.now,
  });
  const store = (key: string, text: string) => blobs.files.set(key, Buffer.from(text));
  return { blobs, clock, outcomes, cache, store, dropped };
}

describe('the segment cache', () => {
  it('reads a segment once, for a crowd and forever', async () => {
    const { blobs, clock, cache, outcomes, store } = fixture();
    store('s', 'segment');
    await Promise.all([1, 2, 3].map(() => cache.load('s', 'segment', never)));
    clock.now += 1e9;
    expect(cache.peek('s')?.body.bytes().toString()).toBe('segment');
    expect(blobs.reads).toEqual(['s']);
    expect(outcomes).toEqual(['miss', 'hit']);
  });

  it('holds a growing playlist and a master for half a second', async () => {
    const { clock, cache, store } = fixture();
    for (const kind of ['media', 'master'] as const) {
      store(kind, '#EXTM3U\n');
      await cache.load(kind, kind, never);
      clock.now += 499;
      expect(cache.peek(kind)).toBeDefined();
      clock.now += 1;
      expect(cache.peek(kind)).toBeUndefined();
    }
  });

  it('holds an ended playlist forever', async () => {
    const { clock, cache, store } = fixture();
    store('m', '#EXTM3U\n#EXT-X-ENDLIST\n');
    await cache.load('m', 'media', never);
    clock.now += 1e9;
    expect(cache.peek('m')?.final).toBe(true);
  });

  it('stays within its bytes and gives up the least recently used', async () => {
    const { cache, store, dropped } = fixture({ maxBytes: 10_000 });
    for (const key of ['a', 'b', 'c']) store(key, key.repeat(4_000));
    await cache.load('a', 'segment', never);
    await cache.load('b', 'segment', never);
    cache.peek('a');
    await cache.load('c', 'segment', never);
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
    expect([cache.peek('a'), cache.peek('b'), cache.peek('c')].map(Boolean)).toEqual([true, false, true]);
    expect(dropped).toEqual(['b']);
  });

  it('passes on a file that is larger than itself', async () => {
    const { cache, store } = fixture({ maxBytes: 10_000 });
    store('big', 'x'.repeat(20_000));
    expect((await cache.load('big', 'segment', never))?.file.body.length).toBe(20_000);
    expect(cache.peek('big')).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('remembers neither a failure nor a missing file', async () => {
    const { blobs, cache, store } = fixture();
    blobs.down = true;
    await expect(cache.load('s', 'segment', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    blobs.down = false;
    expect(await cache.load('s', 'segment', never)).toBeUndefined();
    store('s', 'segment');
    expect(await cache.load('s', 'segment', never)).toBeDefined();
  });

  it('answers with an outdated copy while storage fails, and does not ask at every turn', async () => {
    const { blobs, clock, cache, outcomes, store } = fixture();
    store('m', '#EXTM3U\n');
    await cache.load('m', 'media', never);
    blobs.down = true;
    clock.now += 600;
    expect((await cache.load('m', 'media', never))?.file.body.bytes().toString()).toBe('#EXTM3U\n');
    clock.now += 4_999;
    expect(cache.peek('m')).toBeDefined();
    clock.now += 1;
    expect(cache.peek('m')).toBeUndefined();
    expect(outcomes).toEqual(['miss', 'stale', 'hit']);
  });

  it('forgets what is gone from storage', async () => {
    const { blobs, clock, cache, store } = fixture();
    store('m', '#EXTM3U\n');
    await cache.load('m', 'media', never);
    blobs.files.clear();
    clock.now += 600;
    expect(await cache.load('m', 'media', never)).toBeUndefined();
    blobs.down = true;
    await expect(cache.load('m', 'media', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('lets nobody wait for a playlist that was current a moment ago, and reads it once for all of them', async () => {
    const { blobs, clock, cache, outcomes, store } = fixture();
    store('m', '#EXTM3U\n');
    await cache.load('m', 'media', never);
    store('m', '#EXTM3U\n#longer\n');
    clock.now += 1_499;
    const crowd = [1, 2, 3].map(() => cache.recall('m'));
    expect(crowd.map((found) => found?.outcome)).toEqual(['refresh', 'refresh', 'refresh']);
    expect(crowd[0]?.file.body.bytes().toString()).toBe('#EXTM3U\n');
    await cache.load('m', 'media', never);
    expect(cache.recall('m')?.file.body.bytes().toString()).toBe('#EXTM3U\n#longer\n');
    expect(blobs.reads).toEqual(['m', 'm']);
    expect(outcomes).toEqual(['miss', 'refresh', 'refresh', 'refresh', 'miss', 'hit']);
    clock.now += 1_500;
    expect(cache.recall('m')).toBeUndefined();
  });

  it('waits for a storage that hangs only as long as that is worth it', async () => {
    const { blobs, clock, cache, outcomes, store } = fixture({ patience: { withCopyMs: 0, withoutMs: 0 } });
    store('m', '#EXTM3U\n');
    await cache.load('m', 'media', never);
    const told: boolean[] = [];
    blobs.read = (_key, signal) => {
      signal.addEventListener('abort', () => told.push(true));
      return new Promise(() => undefined);
    };
    clock.now += 10_000;
    expect((await cache.load('m', 'media', never))?.outcome).toBe('stale');
    expect(cache.recall('m')?.outcome).toBe('hit');
    await expect(cache.load('s', 'segment', never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // Those who read are told to stop.
    expect(told).toEqual([true, true]);
    expect(outcomes).toContain('stale');
  });

  it('goes on with a slow read for which a copy stands in, though its viewer leaves', async () => {
    const { blobs, clock, cache, store } = fixture({ patience: { withCopyMs: 0, withoutMs: 60_000 } });
    store('m', '#EXTM3U\n');
    await cache.load('m', 'media', never);
    const answer = Promise.withResolvers<MemoryBlob>();
    blobs.read = () => answer.promise;
    clock.now += 10_000;
    const viewer = new AbortController();
    expect((await cache.load('m', 'media', viewer.signal))?.outcome).toBe('stale');
    viewer.abort();
    expect(cache.reading).toBe(1);
    const arrived = cache.load('m', 'media', never);
    answer.resolve({ body: Buffer.from('#EXTM3U\n#EXT-X-ENDLIST\n'), etag: '"2"' });
    await arrived;
    expect(cache.recall('m')?.file.final).toBe(true);
    expect(cache.reading).toBe(0);
  });
});
