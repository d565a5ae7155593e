import type { Body } from '../platform/memory/body.js';
import type { CachedFile } from './segment-cache.js';
import type { Receiver } from './stream-request.js';

/** Answers that are being sent, and the memory that they hold though the cache has given it up. */
export interface Transfers {
  /**
   * An answer with this file, or a part of it, is about to be sent. `isHeld`: the cache has it. False where its memory
   * was given back in the meantime.
   */
  begin(receiver: Receiver, file: CachedFile, isHeld: boolean): boolean;
  /** The cache has given up this file. */
  dropped(file: CachedFile): void;
  /** Bytes of bodies that are only held because they are being sent. */
  readonly bytesBeyondCache: number;
  /** Ends the watch on slow clients. */
  close(): void;
}

/** Why an answer was cut: nobody had memory for it, or its client was too slow. */
export type CutReason = 'memory' | 'slow';

/** Smaller ones fit into the system's buffers, and cost nothing here. */
const MIN_BYTES = 16 * 1024;

/** An answer may take this long, and as long on top as it takes at the lowest speed that is any use. */
const GRACE_MS = 30_000;
const MIN_BYTES_PER_SECOND = 16 * 1024;

const CHECK_EVERY_MS = 5_000;

interface Pinned {
  file: CachedFile;
  isHeld: boolean;
  /** Those that are not cut. */
  readers: Set<Receiver>;
  /** Connections that may still read from it, those that are cut included. */
  open: number;
}

interface Sending {
  pin: Pinned;
  /** Epoch milliseconds. */
  dueAt: number;
}

/**
 * Node keeps the whole of an answer in memory until its client has taken the last byte. Of a body that is in the cache,
 * that costs nothing; of one that the cache has dropped, the whole body, for each of any number of clients that read
 * slowly or not at all. So what is held beyond the cache has a limit, and where that is passed, the answers that have
 * been under way for longest are cut; and none may take forever: a client that takes a byte now and then never looks
 * idle to Node.
 *
 * What nobody has any more is given back by us: V8 would collect it when it has let as much again come together.
 */
export function createTransfers(deps: {
  maxBytesBeyondCache: number;
  onCut?: (reason: CutReason) => void;
  now?: () => number;
  checkEveryMs?: number;
}): Transfers {
  const { maxBytesBeyondCache, onCut, now = Date.now } = deps;
  // In the order in which they were begun.
  const sending = new Map<Receiver, Sending>();
  const pinned = new Map<Body, Pinned>();
  let bytesBeyondCache = 0;

  function end(receiver: Receiver): void {
    const { pin } = sending.get(receiver) ?? {};
    if (!pin) return;
    sending.delete(receiver);
    pin.readers.delete(receiver);
    if (pin.readers.size === 0 && !pin.isHeld) bytesBeyondCache -= pin.file.body.length;
  }

  function closed(receiver: Receiver, pin: Pinned): void {
    end(receiver);
    pin.open -= 1;
    if (pin.open > 0) return;
    pinned.delete(pin.file.body);
    if (!pin.isHeld) giveBack(pin.file);
  }

  /** It takes a tenth of a millisecond for a megabyte: the answer that room was made for goes first. */
  function giveBackLater(file: CachedFile): void {
    setImmediate(() => {
      if (!pinned.has(file.body)) giveBack(file);
    });
  }

  function cut(receiver: Receiver, reason: CutReason): void {
    end(receiver);
    receiver.destroy();
    onCut?.(reason);
  }

  function makeRoom(): void {
    if (bytesBeyondCache <= maxBytesBeyondCache) return;
    for (const [receiver, { pin }] of sending) {
      if (!pin.isHeld) cut(receiver, 'memory');
      if (bytesBeyondCache <= maxBytesBeyondCache) return;
    }
  }

  function pinOf(file: CachedFile, isHeld: boolean): Pinned {
    const known = pinned.get(file.body);
    if (known) return known;
    const pin = { file, isHeld, readers: new Set<Receiver>(), open: 0 };
    pinned.set(file.body, pin);
    return pin;
  }

  function cutSlow(): void {
    const at = now();
    for (const [receiver, { dueAt }] of sending) if (dueAt <= at) cut(receiver, 'slow');
  }

  const watch = setInterval(cutSlow, deps.checkEveryMs ?? CHECK_EVERY_MS).unref();

  return {
    begin(receiver, file, isHeld) {
      const { body } = file;
      if (body.isReleased) return false;
      if (body.length < MIN_BYTES) return true;
      const pin = pinOf(file, isHeld);
      if (pin.readers.size === 0 && !pin.isHeld) bytesBeyondCache += body.length;
      pin.readers.add(receiver);
      pin.open += 1;
      sending.set(receiver, { pin, dueAt: now() + GRACE_MS + (body.length / MIN_BYTES_PER_SECOND) * 1000 });
      receiver.once('close', () => closed(receiver, pin));
      makeRoom();
      return true;
    },

    dropped(file) {
      const pin = pinned.get(file.body);
      if (!pin) return giveBackLater(file);
      if (!pin.isHeld) return;
      pin.isHeld = false;
      if (pin.readers.size === 0) return;
      bytesBeyondCache += file.body.length;
      makeRoom();
    },

    get bytesBeyondCache() {
      return bytesBeyondCache;
    },

    close: () => clearInterval(watch),
  };
}

/**
 * Only of segments: whatever else there is may be in other hands. And of those that are there: storage writes into the
 * others.
 */
function giveBack({ kind, body, arriving }: CachedFile): void {
  if (kind === 'segment' && !arriving && body.length >= MIN_BYTES) body.release();
}
