import { describe, expect, it } from '@jest/globals';
import { createSessionFlush, FLUSH_BATCH, type GivenUp, type SessionStore } from './session-flush.js';
import { createSessionLog } from './session-log.js';
import { quietLog } from '../../test/support/test-database.js';
import type { Viewing } from './viewing.js';

const place = { organizationId: 'org_a', projectId: 'project_a', segmentSeconds: 4 };

/** A log of sessions of one video, from as many addresses, and a store that takes what it is told to. */
function create(sessionCount: number) {
  const dropped: string[] = [];
  const sessions = createSessionLog({ hash: (text) => text, onDropped: () => dropped.push('full') });
  const see = (index: number): void => {
    const playback = { videoId: 'video_a', generation: 1 };
    const viewing: Viewing = { playback, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` };
    sessions.answered(viewing, { kind: 'master', file: 'master.m3u8', bytes: 1, hasEnd: true });
  };
  for (let index = 0; index < sessionCount; index += 1) see(index);
  const batches: number[] = [];
  const store: SessionStore = {
    placesOf: (videoIds) => Promise.resolve(new Map(videoIds.map((id) => [id, place]))),
    devicesOf: () => Promise.resolve([]),
    latestOf: () => Promise.resolve(new Map()),
    write(writes) {
      batches.push(writes.length);
      return Promise.resolve([]);
    },
  };
  const givenUp: GivenUp[] = [];
  const flush = createSessionFlush({
    ...{ sessions, store, log: quietLog, onGivenUp: (why) => givenUp.push(why) },
  });
  return { sessions, store, flush, batches, givenUp, see };
}

describe('a flush of the stream log', () => {
  it('stores all that has changed, in batches, and then nothing', async () => {
    const { flush, batches, see } = create(2 * FLUSH_BATCH + 7);
    expect(await flush()).toBe(2 * FLUSH_BATCH + 7);
    expect(batches).toEqual([FLUSH_BATCH, FLUSH_BATCH, 7]);
    expect(await flush()).toBe(0);
    see(3);
    expect(await flush()).toBe(1);
  });

  it('goes on where the store has failed', async () => {
    const { flush, store, sessions, batches } = create(2 * FLUSH_BATCH);
    const { write } = store;
    store.write = (writes) => (batches.length === 1 ? Promise.reject(new Error('down')) : write(writes));
    await expect(flush()).rejects.toThrow('down');
    expect(sessions.changed()).toHaveLength(FLUSH_BATCH);
    store.write = write;
    expect(await flush()).toBe(FLUSH_BATCH);
  });

  it('lets go of what the store refuses, and of videos that it does not know', async () => {
    const { flush, store, sessions, givenUp, see } = create(3);
    store.write = () => Promise.resolve([1]);
    expect(await flush()).toBe(2);
    expect([givenUp, sessions.size]).toEqual([['refused'], 2]);
    store.placesOf = () => Promise.resolve(new Map());
    see(0);
    expect(await flush()).toBe(0);
    expect([givenUp, sessions.size]).toEqual([['refused', 'unknown_video'], 1]);
  });
});
