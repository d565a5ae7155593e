import type { Logger } from '../../platform/logger.js';
import { isSameSession, type LiveSession } from './live-session.js';
import type { SessionLog } from './session-log.js';
import { type SessionWrite, type VideoPlace, writeOf } from './session-row.js';

/** The last session of a key that is stored. */
export interface StoredSession {
  ordinal: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

/** Where sessions are kept. */
export interface SessionStore {
  /** Of those of these videos that there are, or were. */
  placesOf: (videoIds: readonly string[]) => Promise<ReadonlyMap<string, VideoPlace>>;
  /** The last session of each of these keys that has one. */
  latestOf: (keys: readonly string[]) => Promise<ReadonlyMap<string, StoredSession>>;
  /** Devices on which a viewer has watched since then: keyed hashes. */
  devicesOf: (viewer: string, since: Date) => Promise<readonly string[]>;
  /** Does all of these writes, in any order; resolves to the positions of those that can never be done. */
  write: (writes: readonly SessionWrite[]) => Promise<readonly number[]>;
}

/** Why a session was not stored. */
export type GivenUp = 'unknown_video' | 'refused';

/** Sessions in one write at most: each costs 0.1 ms in which no request is answered. */
export const FLUSH_BATCH = 100;

/**
 * Stores what has changed, in batches. Where the store fails, what was not stored stays for the next time.
 * Resolves to how many sessions were stored.
 * @throws what the store throws
 */
export function createSessionFlush(deps: {
  sessions: SessionLog;
  store: SessionStore;
  log: Logger;
  onGivenUp: (why: GivenUp) => void;
}): () => Promise<number> {
  const { sessions, store, log, onGivenUp } = deps;

  function giveUp(session: LiveSession, why: GivenUp): void {
    sessions.giveUp(session);
    onGivenUp(why);
    const { videoId } = session;
    if (why === 'refused') log.error({ videoId }, 'a session of the stream log could not be stored');
  }

  async function flushBatch(batch: readonly LiveSession[]): Promise<number> {
    const places = await store.placesOf([...new Set(batch.map(({ videoId }) => videoId))]);
    await giveOrdinals(store, batch);
    const writes: { session: LiveSession; version: number; write: SessionWrite }[] = [];
    for (const session of batch) {
      const { videoId, version, ordinal } = session;
      const place = places.get(videoId);
      if (!place || ordinal === undefined) giveUp(session, 'unknown_video');
      else writes.push({ session, version, write: writeOf(session, ordinal, place) });
    }
    if (writes.length === 0) return 0;
    const refused = new Set(await store.write(writes.map(({ write }) => write)));
    for (const [position, { session, version }] of writes.entries()) {
      if (refused.has(position)) giveUp(session, 'refused');
      else sessions.stored(session, version);
    }
    return writes.length - refused.size;
  }

  return async () => {
    sessions.tidy();
    const changed = sessions.changed();
    let stored = 0;
    for (let at = 0; at < changed.length; at += FLUSH_BATCH)
      stored += await flushBatch(changed.slice(at, at + FLUSH_BATCH));
    return stored;
  };
}

/**
 * Tells which of the sessions of its key each one is: the stored one where it goes on with that, wherever it began
 * (at another streamer, or at this one before it was started anew), else the next.
 */
async function giveOrdinals(store: SessionStore, batch: readonly LiveSession[]): Promise<void> {
  const fresh = batch.filter(({ ordinal }) => ordinal === undefined);
  if (fresh.length === 0) return;
  const stored = await store.latestOf([...new Set(fresh.map(({ key }) => key))]);
  const latest = new Map(
    [...stored].map(([key, { ordinal, firstSeenAt, lastSeenAt }]) => [
      key,
      { ordinal, firstSeenAt: firstSeenAt.getTime(), lastSeenAt: lastSeenAt.getTime() },
    ]),
  );
  for (const session of batch) {
    const { key, firstSeenAt, lastSeenAt } = session;
    const before = latest.get(key);
    session.ordinal ??= !before ? 1 : before.ordinal + (isSameSession(before, firstSeenAt) ? 0 : 1);
    latest.set(key, { ordinal: session.ordinal, firstSeenAt, lastSeenAt });
  }
}
