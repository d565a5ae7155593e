import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { BufferBody } from '../platform/memory/body.js';
import { receiveBlob } from '../test/support/receive-blob.js';
import type { CachedFile } from './segment-cache.js';
import type { Receiver } from './stream-request.js';
import { createTransfers, type CutReason } from './transfers.js';

const KiB = 1024;

const segment = (bytes: number): CachedFile => ({
  ...{ kind: 'segment', final: true, etag: '"1"' },
  body: BufferBody.ofLength(bytes),
});

function newReceiver(): Receiver & EventEmitter {
  const events = new EventEmitter();
  return Object.assign(events, { destroyed: false, destroy: () => events.emit('destroyed') });
}

function fixture() {
  const clock = { now: 0 };
  const cuts: CutReason[] = [];
  const transfers = createTransfers({
    ...{ maxBytesBeyondCache: 100 * KiB, now: () => clock.now, checkEveryMs: 1 },
    onCut: (reason) => cuts.push(reason),
  });
  /** An answer that is under way. */
  function begin(file: CachedFile, isHeld = false) {
    const receiver = newReceiver();
    const destroyed = once(receiver, 'destroyed');
    transfers.begin(receiver, file, isHeld);
    return { destroyed, close: () => receiver.emit('close') };
  }
  return { clock, cuts, transfers, begin };
}

async function* never(): AsyncGenerator<Buffer> {
  yield await new Promise<Buffer>(() => undefined);
}

describe('answers on their way', () => {
  it('count a body once, however many have it, until the last one is done', () => {
    const { transfers, begin } = fixture();
    const file = segment(60 * KiB);
    const [first, second] = [begin(file), begin(file)];
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    first.close();
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    second.close();
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.close();
  });

  it('count what the cache drops from then on', () => {
    const { transfers, begin } = fixture();
    const file = segment(60 * KiB);
    const answer = begin(file, true);
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.dropped(file);
    transfers.dropped(file);
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    answer.close();
    transfers.dropped(file);
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.close();
  });

  it('are cut from the oldest on where they hold too much, but not those that hold nothing', async () => {
    const { transfers, begin, cuts } = fixture();
    begin(segment(60 * KiB), true);
    const oldest = begin(segment(60 * KiB));
    begin(segment(60 * KiB));
    await oldest.destroyed;
    expect(cuts).toEqual(['memory']);
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    transfers.close();
  });

  it('are cut when they take longer than any use allows', async () => {
    const { transfers, begin, cuts, clock } = fixture();
    const slow = begin(segment(160 * KiB), true);
    clock.now = 39_999;
    begin(segment(16 * KiB), true);
    clock.now = 40_000;
    await slow.destroyed;
    expect(cuts).toEqual(['slow']);
    transfers.close();
  });

  it('keep their memory until the last connection is closed, though it is cut, and give it back then', async () => {
    const { transfers, begin } = fixture();
    const file = segment(60 * KiB);
    const [first, second] = [begin(file, true), begin(file, true)];
    transfers.dropped(file);
    first.close();
    begin(segment(60 * KiB));
    await second.destroyed;
    expect(file.body.isReleased).toBe(false);
    second.close();
    expect(file.body.isReleased).toBe(true);
    expect(transfers.begin(newReceiver(), file, false)).toBe(false);
    transfers.close();
  });

  it('give back what the cache drops and nobody is sent, once the turn is over', async () => {
    const { transfers, begin } = fixture();
    const file = segment(60 * KiB);
    begin(file, true).close();
    transfers.dropped(file);
    expect(file.body.isReleased).toBe(false);
    await nextTurn();
    expect(file.body.isReleased).toBe(true);
    transfers.close();
  });

  it('keep what somebody is sent after the cache has dropped it, in the same turn', async () => {
    const { transfers, begin } = fixture();
    const file = segment(60 * KiB);
    transfers.dropped(file);
    const answer = begin(file);
    await nextTurn();
    expect(file.body.isReleased).toBe(false);
    answer.close();
    expect(file.body.isReleased).toBe(true);
    transfers.close();
  });

  it('leave alone what somebody else may be using: playlists, and what storage still writes into', async () => {
    const { transfers } = fixture();
    const playlist: CachedFile = { ...segment(60 * KiB), kind: 'media' };
    const arriving: CachedFile = { ...segment(60 * KiB) };
    arriving.arriving = receiveBlob(BufferBody.ofLength(1), never());
    for (const file of [playlist, arriving]) {
      transfers.dropped(file);
      await nextTurn();
      expect(file.body.isReleased).toBe(false);
    }
    transfers.close();
  });

  it('do not count where the system takes them at once', () => {
    const { transfers, begin } = fixture();
    begin(segment(16 * KiB - 1));
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.close();
  });
});
