import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createTransfers, type CutReason } from './transfers.js';

const KiB = 1024;

function fixture() {
  const clock = { now: 0 };
  const cuts: CutReason[] = [];
  const transfers = createTransfers({
    ...{ maxBytesBeyondCache: 100 * KiB, now: () => clock.now, checkEveryMs: 1 },
    onCut: (reason) => cuts.push(reason),
  });
  /** An answer that is under way. */
  function begin(body: Buffer, isHeld = false) {
    const raw = new EventEmitter();
    const destroyed = once(raw, 'destroyed');
    const destroy = () => raw.emit('destroyed');
    transfers.begin(Object.assign(raw, { destroy }) as unknown as ServerResponse, body, isHeld);
    return { destroyed, close: () => raw.emit('close') };
  }
  return { clock, cuts, transfers, begin };
}

describe('answers on their way', () => {
  it('count a body once, however many have it, until the last one is done', () => {
    const { transfers, begin } = fixture();
    const body = Buffer.alloc(60 * KiB);
    const [first, second] = [begin(body), begin(body)];
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    first.close();
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    second.close();
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.close();
  });

  it('count what the cache drops from then on', () => {
    const { transfers, begin } = fixture();
    const body = Buffer.alloc(60 * KiB);
    const answer = begin(body, true);
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.dropped(body);
    transfers.dropped(body);
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    answer.close();
    transfers.dropped(body);
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.close();
  });

  it('are cut from the oldest on where they hold too much, but not those that hold nothing', async () => {
    const { transfers, begin, cuts } = fixture();
    begin(Buffer.alloc(60 * KiB), true);
    const oldest = begin(Buffer.alloc(60 * KiB));
    begin(Buffer.alloc(60 * KiB));
    await oldest.destroyed;
    expect(cuts).toEqual(['memory']);
    expect(transfers.bytesBeyondCache).toBe(60 * KiB);
    transfers.close();
  });

  it('are cut when they take longer than any use allows', async () => {
    const { transfers, begin, cuts, clock } = fixture();
    const slow = begin(Buffer.alloc(160 * KiB), true);
    clock.now = 39_999;
    begin(Buffer.alloc(16 * KiB), true);
    clock.now = 40_000;
    await slow.destroyed;
    expect(cuts).toEqual(['slow']);
    transfers.close();
  });

  it('do not count where the system takes them at once', () => {
    const { transfers, begin } = fixture();
    begin(Buffer.alloc(16 * KiB - 1));
    expect(transfers.bytesBeyondCache).toBe(0);
    transfers.close();
  });
});
