import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { connectBlobContainer, type BlobContainer } from '../../platform/blob.js';
import { createBlobRemovals, createRemovalSweep, type WantedRemoval } from '../../platform/blob-removals.js';
import type { Database } from '../../platform/mongo.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { quietLog, stackSetting, withTestDatabase } from '../support/test-database.js';

interface Fixture {
  db: Database;
  hls: BlobContainer;
  uploads: BlobContainer;
  /** Names in the order in which they went. */
  gone: string[];
  add: (wanted: WantedRemoval) => Promise<void>;
  sweep: () => Promise<number>;
  /** As if a pause between looks were over. */
  wake: () => Promise<void>;
  put: (container: BlobContainer, ...names: string[]) => Promise<void>;
}

async function withRemovals(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  const connectionString = stackSetting('AZURE_STORAGE_CONNECTION_STRING');
  const open = () => connectBlobContainer({ connectionString, container: `test-${randomUUID()}` });
  const [hls, uploads] = [open(), open()];
  await Promise.all([hls.ensure(), uploads.ensure()]);
  const gone: string[] = [];
  const watched = (container: BlobContainer): BlobContainer => ({
    ...container,
    delete: (name) => container.delete(name).then(() => void gone.push(name)),
  });
  await withTestDatabase([BlobRemoval], async (db) => {
    const removals = createBlobRemovals({ db });
    const containers = { hls: watched(hls), uploads: watched(uploads) };
    await work({
      ...{ db, hls, uploads, gone },
      add: (wanted) => db.transaction((session) => removals.add(wanted, session)),
      sweep: createRemovalSweep({ db, containers, log: quietLog }),
      async wake() {
        await db.model(BlobRemoval).updateMany({}, { $set: { dueAt: new Date() } });
      },
      async put(container, ...names) {
        const body = Buffer.from('x');
        await Promise.all(names.map((name) => container.put(name, body, { contentType: 'text/plain' })));
      },
    });
  });
}

describe('the removal of blobs', () => {
  it('takes all of a prefix and nothing else, what starts playback first, from either container', () =>
    withRemovals(async ({ add, sweep, put, hls, uploads, gone, db }) => {
      await put(
        hls,
        'v/1/a0/x.m4s',
        'v/1/master.m3u8',
        'v/2/a0/x.m4s',
        'v/2/master.m3u8',
        'vv/1/master.m3u8',
      );
      await put(uploads, 'v/source', 'vv/source');
      await add({ container: 'hls', prefix: 'v/', windowMs: 0 });
      await add({ container: 'uploads', prefix: 'v/', windowMs: 0 });
      expect(await sweep()).toBe(5);
      const fromHls = gone.filter((name) => !name.endsWith('source'));
      expect(fromHls.slice(0, 2).toSorted()).toEqual(['v/1/master.m3u8', 'v/2/master.m3u8']);
      expect(gone.toSorted()).toEqual(
        ['v/1/a0/x.m4s', 'v/1/master.m3u8', 'v/2/a0/x.m4s', 'v/2/master.m3u8', 'v/source'].toSorted(),
      );
      expect(await db.model(BlobRemoval).countDocuments()).toBe(0);
    }));

  it('looks again for as long as somebody may add to it', () =>
    withRemovals(async ({ add, sweep, wake, put, hls, db }) => {
      await add({ container: 'hls', prefix: 'v/1/', windowMs: 60_000 });
      expect(await sweep()).toBe(0);
      await put(hls, 'v/1/late.m4s');
      expect(await sweep()).toBe(0);
      await wake();
      expect(await sweep()).toBe(1);
      expect(await db.model(BlobRemoval).countDocuments()).toBe(1);
    }));

  it('begins when it is due, and can be forgotten with what it is part of', () =>
    withRemovals(async ({ add, sweep, wake, put, hls, db }) => {
      await put(hls, 'v/1/x.m4s', 'w/1/x.m4s');
      const dueAt = new Date(Date.now() + 60_000);
      await add({ container: 'hls', prefix: 'v/1/', dueAt });
      await add({ container: 'hls', prefix: 'w/1/', dueAt });
      expect(await sweep()).toBe(0);
      await db.transaction((session) => createBlobRemovals({ db }).forgetBelow('v/', session));
      await wake();
      expect(await sweep()).toBe(1);
      expect(await hls.get('v/1/x.m4s')).toBeDefined();
    }));
});
