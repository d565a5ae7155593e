import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createMemoryBlobs } from '../test/support/streamer-fixture.js';
import { createBlockingReload } from './blocking-reload.js';
import { createSegmentCache } from './segment-cache.js';

const never = new AbortController().signal;
const KEY = 'video_a/1/v360/media.m3u8';

const playlistOf = (segments: number, ended = false): Buffer =>
  Buffer.from(
    [
      '#EXTM3U',
      '#EXT-X-TARGETDURATION:4',
      ...Array.from({ length: segments }, (_, n) => `#EXTINF:4.000000,\ns0000${n}.1.m4s`),
      ...(ended ? ['#EXT-X-ENDLIST'] : []),
      '',
    ].join('\n'),
  );

/** A playlist of two segments, looked at again at each `tick`. */
function fixture(maxWaiters?: number) {
  const blobs = createMemoryBlobs();
  blobs.files.set(KEY, playlistOf(2));
  const clock = { now: 1_000 };
  const stop = new AbortController();
  let wake = Promise.withResolvers<void>();
  const deps = { stopping: stop.signal, now: () => clock.now };
  const files = createSegmentCache({
    ...deps,
    openBlob: (key, signal) => blobs.open(key, signal),
    maxBytes: 1e6,
  });
  const blocking = createBlockingReload({
    ...{ ...deps, files, maxWaiters },
    sleep(_ms, signal) {
      signal.addEventListener('abort', () => wake.reject(new Error('stopped')));
      return wake.promise;
    },
  });
  /** What is in memory has happened by the next turn of the event loop. */
  async function tick(ms: number): Promise<void> {
    await setImmediate();
    clock.now += ms;
    const { resolve } = wake;
    wake = Promise.withResolvers<void>();
    resolve();
    await setImmediate();
  }
  return {
    blobs,
    stop,
    tick,
    blocking,
    wait: (msn: number, signal = never) => blocking.wait(KEY, msn, signal),
  };
}

const code = (wanted: string) => expect.objectContaining({ code: wanted });

describe('blocking playlist reload', () => {
  it('answers at once with what is there already', async () => {
    const { wait } = fixture();
    expect((await wait(1))?.file.body.bytes()).toEqual(playlistOf(2));
  });

  it('waits until the segment is there, with one poll for all who wait', async () => {
    const { blobs, wait, tick } = fixture();
    const all = Promise.all([wait(2), wait(2), wait(3)]);
    await setImmediate();
    expect(blobs.reads).toHaveLength(1);
    blobs.files.set(KEY, playlistOf(4));
    await tick(2_000);
    const bodies = (await all).map((found) => found?.file.body.bytes());
    expect(bodies).toEqual([playlistOf(4), playlistOf(4), playlistOf(4)]);
    expect(blobs.reads).toHaveLength(2);
  });

  it('lets the others wait on', async () => {
    const { blobs, wait, tick } = fixture();
    const [soon, later] = [wait(2), wait(3)];
    await setImmediate();
    blobs.files.set(KEY, playlistOf(3));
    await tick(2_000);
    await soon;
    blobs.files.set(KEY, playlistOf(3, true));
    await tick(2_000);
    expect((await later)?.file.final).toBe(true);
  });

  it('says that a segment does not come in time after three target durations', async () => {
    const { wait, tick } = fixture();
    const late = expect(wait(2)).rejects.toEqual(code('UNAVAILABLE'));
    await tick(12_000);
    await late;
  });

  it('refuses what is too far ahead, unless the film has ended', async () => {
    const { blobs, wait } = fixture();
    await expect(wait(4)).rejects.toEqual(code('BAD_USER_INPUT'));
    const ended = fixture();
    blobs.files.set(KEY, playlistOf(2, true));
    ended.blobs.files.set(KEY, playlistOf(2, true));
    expect((await ended.wait(99))?.file.final).toBe(true);
  });

  it('finds nothing where the playlist is gone, before or meanwhile', async () => {
    const { blobs, wait, tick } = fixture();
    const waiting = wait(2);
    await setImmediate();
    blobs.files.clear();
    await tick(2_000);
    expect(await waiting).toBeUndefined();
    expect(await wait(2)).toBeUndefined();
  });

  it('lets only so many wait, and forgets who leaves', async () => {
    const { wait, blobs, tick } = fixture(1);
    const leaver = new AbortController();
    const left = expect(wait(2, leaver.signal)).rejects.toThrow('left');
    await setImmediate();
    await expect(wait(2)).rejects.toEqual(code('UNAVAILABLE'));
    leaver.abort(new Error('left'));
    await left;
    const next = wait(2);
    await setImmediate();
    blobs.files.set(KEY, playlistOf(3));
    await tick(2_000);
    expect((await next)?.file.body.bytes()).toEqual(playlistOf(3));
  });

  it('releases all when the streamer stops', async () => {
    const { wait, stop } = fixture();
    const waiting = expect(wait(2)).rejects.toEqual(code('UNAVAILABLE'));
    await setImmediate();
    stop.abort();
    await waiting;
    await expect(wait(2)).rejects.toEqual(code('UNAVAILABLE'));
  });

  it('goes on while storage fails for a while', async () => {
    const { blobs, wait, tick } = fixture();
    const waiting = wait(2);
    await setImmediate();
    blobs.down = true;
    await tick(2_000);
    blobs.down = false;
    blobs.files.set(KEY, playlistOf(3));
    await tick(6_000);
    expect((await waiting)?.file.body.bytes()).toEqual(playlistOf(3));
  });
});
