import type { ServerResponse } from 'node:http';

/** Answers that are being sent, and the memory that they hold though the cache has given it up. */
export interface Transfers {
  /** An answer with this body, or a part of it, is about to be sent. `isHeld`: the cache has the body. */
  begin(raw: ServerResponse, body: Buffer, isHeld: boolean): void;
  /** The cache has given up this body. */
  dropped(body: Buffer): void;
  /** Bytes of bodies that are only held because they are being sent. */
  readonly bytesBeyondCache: number;
  /** Ends the watch on slow clients. */
  close(): void;
}

/** Why an answer was cut: nobody had memory for it, or its client was too slow. */
export type CutReason = 'memory' | 'slow';

/** Smaller ones fit into the system's buffers, and cost nothing here. */
const MIN_BYTES = 16 * 1024;

const MAX_BYTES_BEYOND_CACHE = 48 * 1024 * 1024;

/** An answer may take this long, and as long on top as it takes at the lowest speed that is any use. */
const GRACE_MS = 30_000;
const MIN_BYTES_PER_SECOND = 16 * 1024;

const CHECK_EVERY_MS = 5_000;

interface Pinned {
  bytes: number;
  isHeld: boolean;
  /** The one that was begun first comes first. */
  readers: Set<ServerResponse>;
}

interface Sending {
  body: Buffer;
  /** Epoch milliseconds. */
  dueAt: number;
}

/**
 * Node keeps the whole of an answer in memory until its client has taken the last byte. Of a body that is in the cache,
 * that costs nothing; of one that the cache has dropped, the whole body, for each of any number of clients that read
 * slowly or not at all. So what is held beyond the cache has a limit, and where that is passed, the answers that have
 * been under way for longest are cut; and none may take forever: a client that takes a byte now and then never looks
 * idle to Node.
 */
export function createTransfers(deps: {
  maxBytesBeyondCache?: number;
  onCut?: (reason: CutReason) => void;
  now?: () => number;
  checkEveryMs?: number;
}): Transfers {
  const { maxBytesBeyondCache = MAX_BYTES_BEYOND_CACHE, onCut, now = Date.now } = deps;
  // In the order in which they were begun.
  const sending = new Map<ServerResponse, Sending>();
  const pinned = new Map<Buffer, Pinned>();
  let bytesBeyondCache = 0;

  function end(raw: ServerResponse): void {
    const { body } = sending.get(raw) ?? {};
    const pin = body && pinned.get(body);
    if (!pin) return;
    sending.delete(raw);
    pin.readers.delete(raw);
    if (pin.readers.size > 0) return;
    pinned.delete(body);
    if (!pin.isHeld) bytesBeyondCache -= pin.bytes;
  }

  function cut(raw: ServerResponse, reason: CutReason): void {
    end(raw);
    raw.destroy();
    onCut?.(reason);
  }

  function makeRoom(): void {
    if (bytesBeyondCache <= maxBytesBeyondCache) return;
    for (const [raw, { body }] of sending) {
      if (!pinned.get(body)?.isHeld) cut(raw, 'memory');
      if (bytesBeyondCache <= maxBytesBeyondCache) return;
    }
  }

  function cutSlow(): void {
    const at = now();
    for (const [raw, { dueAt }] of sending) if (dueAt <= at) cut(raw, 'slow');
  }

  const watch = setInterval(cutSlow, deps.checkEveryMs ?? CHECK_EVERY_MS).unref();

  return {
    begin(raw, body, isHeld) {
      if (body.length < MIN_BYTES) return;
      const known = pinned.get(body);
      if (known) known.readers.add(raw);
      else pinned.set(body, { bytes: body.length, isHeld, readers: new Set([raw]) });
      if (!known && !isHeld) bytesBeyondCache += body.length;
      sending.set(raw, { body, dueAt: now() + GRACE_MS + (body.length / MIN_BYTES_PER_SECOND) * 1000 });
      raw.once('close', () => end(raw));
      makeRoom();
    },

    dropped(body) {
      const pin = pinned.get(body);
      if (!pin?.isHeld) return;
      pin.isHeld = false;
      bytesBeyondCache += pin.bytes;
      makeRoom();
    },

    get bytesBeyondCache() {
      return bytesBeyondCache;
    },

    close: () => clearInterval(watch),
  };
}
