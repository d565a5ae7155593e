import { describe, expect, it } from '@jest/globals';
import { createMemoryBlobs } from '../test/support/streamer-fixture.js';
import { createSegmentCache, type CacheOutcome } from './segment-cache.js';

const never = new AbortController().signal;

function fixture(maxBytes = 100_000) {
  const blobs = createMemoryBlobs();
  const clock = { now: 1_000 };
  const outcomes: CacheOutcome[] = [];
  const cache = createSegmentCache({
    readBlob: blobs.read,
    maxBytes,
    onRead: (outcome) => outcomes.push(outcome),
    now: () => clock.now,
  });
  const store = (key: string, text: string) => blobs.files.set(key, Buffer.from(text));
  return { blobs, clock, outcomes, cache, store };
}

describe('the segment cache', () => {
  it('reads a segment once, for a crowd and forever', async () => {
    const { blobs, clock, cache, outcomes, store } = fixture();
    store('s', 'segment');
    await Promise.all([1, 2, 3].map(() => cache.load('s', 'segment', never)));
    clock.now += 1e9;
    expect(cache.peek('s')?.body.toString()).toBe('segment');
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
    const { cache, store } = fixture(10_000);
    for (const key of ['a', 'b', 'c']) store(key, key.repeat(4_000));
    await cache.load('a', 'segment', never);
    await cache.load('b', 'segment', never);
    cache.peek('a');
    await cache.load('c', 'segment', never);
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
    expect([cache.peek('a'), cache.peek('b'), cache.peek('c')].map(Boolean)).toEqual([true, false, true]);
  });

  it('passes on a file that is larger than itself', async () => {
    const { cache, store } = fixture(10_000);
    store('big', 'x'.repeat(20_000));
    expect((await cache.load('big', 'segment', never))?.body.length).toBe(20_000);
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
    expect((await cache.load('m', 'media', never))?.body.toString()).toBe('#EXTM3U\n');
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
});
