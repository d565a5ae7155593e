import { describe, expect, it } from '@jest/globals';
import { createJoiner, type Joiner } from '../../gateway/uploads/tus/joiner.js';
import { createLockStore } from '../../gateway/uploads/tus/lock-store.js';
import { createSessionStore } from '../../gateway/uploads/tus/session-store.js';
import { createUploadLocker, type UploadLocker } from '../../gateway/uploads/tus/upload-locker.js';
import type { Database } from '../../platform/mongo.js';
import { newId } from '../../schema/ids.js';
import { UploadLock } from '../../schema/upload-lock.js';
import { SessionKind, UploadSession } from '../../schema/upload-session.js';
import { quietLog, withTestDatabase } from '../support/test-database.js';

interface World {
  joiner: Joiner;
  /** Uploads whose parts are being joined, or were. */
  written: string[];
  /** Lets joins end, which wait for it. */
  finish: () => void;
  open: () => Promise<UploadSession>;
  /** The locks of another gateway. */
  elsewhere: UploadLocker;
}

function worldOn(db: Database): World {
  const sessions = createSessionStore({ db });
  const locker = () => createUploadLocker({ store: createLockStore({ db, leaseMs: 10_000 }), log: quietLog });
  const written: string[] = [];
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const write = async (id: string) => {
    written.push(id);
    await finished;
    await sessions.complete(id);
    return 0;
  };
  return {
    joiner: createJoiner({
      ...{ sessions, locker: locker(), log: quietLog },
      blobs: { readBytes: () => Promise.reject(new Error('it has no parts')) },
      writer: { write },
      ends: { end: () => Promise.reject(new Error('it has no parts')) },
    }),
    ...{ written, finish, elsewhere: locker() },
    open: () =>
      sessions.create({
        ...{ _id: newId('tus'), organizationId: newId('org'), projectId: newId('project') },
        ...{ videoId: newId('video'), kind: SessionKind.JOINED, parts: [] },
        ...{ blobKey: 'source', filename: 'film.mp4', sizeBytes: 0 },
      }),
  };
}

const withWorld = (work: (world: World) => Promise<void>) =>
  withTestDatabase([UploadLock, UploadSession], (db) => work(worldOn(db)));

/** Has the lock of an upload until it is let go of; `asked` once somebody else wants it. */
async function hold(locker: UploadLocker, id: string) {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const lock = locker.newLock(id);
  await lock.lock(new AbortController().signal, resolve);
  return { asked, letGo: () => lock.unlock() };
}

describe('joining the parts of an upload', () => {
  it('waits for whoever looks at the upload', () =>
    withWorld(async ({ joiner, written, finish, open, elsewhere }) => {
      const session = await open();
      const holder = await hold(elsewhere, session._id);
      joiner.begin(session);
      await holder.asked;
      expect(written).toEqual([]);
      await holder.letGo();
      finish();
      await joiner.close();
      expect(written).toEqual([session._id]);
    }));

  it('is begun of two at a time, and of all in the end', () =>
    withWorld(async ({ joiner, written, finish, open, elsewhere }) => {
      const sessions = [await open(), await open(), await open()];
      const last = sessions[2]?._id ?? '';
      for (const session of sessions) joiner.begin(session);
      const holder = await hold(elsewhere, last);
      expect(written).not.toContain(last);
      finish();
      await holder.asked;
      await holder.letGo();
      await joiner.close();
      expect(written.toSorted()).toEqual(sessions.map(({ _id }) => _id).toSorted());
    }));

  it('is gone on with where nobody does it, and left to whoever does', () =>
    withWorld(async ({ joiner, written, finish, open, elsewhere }) => {
      const [left, held] = [await open(), await open()];
      const holder = await hold(elsewhere, held._id);
      finish();
      await joiner.resume();
      await joiner.close();
      expect(written).toEqual([left._id]);
      await holder.letGo();
    }));

  it('begins no more once it is closed', () =>
    withWorld(async ({ joiner, written, open }) => {
      const session = await open();
      const closed = joiner.close();
      joiner.begin(session);
      await closed;
      await joiner.close();
      expect(written).toEqual([]);
    }));
});
