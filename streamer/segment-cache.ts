import { LRUCache } from 'lru-cache';
import { within } from '../platform/deadline.js';
import type { HlsFileKind } from '../schema/blob-paths.js';
import { AppError } from '../schema/errors.js';
import type { ArrivingBlob } from '../platform/arriving-blob.js';
import type { OpenBlob } from '../platform/blob-reader.js';
import type { Body } from '../platform/memory/body.js';
import { allocateBody } from '../platform/memory/memory-file.js';
import { isFinal } from './published-file.js';
import { createSingleFlight } from './single-flight.js';

/** A published file in memory. */
export interface CachedFile {
  readonly body: Body;
  /** Strong validator, quoted (RFC 9110 section 8.8.3). */
  readonly etag: string;
  readonly kind: HlsFileKind;
  /** Whether it will never change again. */
  readonly final: boolean;
  /** While storage is still sending it, which only segments are not waited for. */
  arriving?: ArrivingBlob;
}

/** `refresh`: a copy that is being read anew; `stale`: an outdated one, since storage does not answer. */
export type CacheOutcome = 'hit' | 'refresh' | 'miss' | 'stale';

/** A file, and how it was come by. */
export interface Found {
  file: CachedFile;
  outcome: CacheOutcome;
}

/** Published files in memory, the least recently used given up first. */
export interface SegmentCache {
  /** What is held and known to be current; costs no I/O. */
  peek(key: string): CachedFile | undefined;
  /** The same, or a copy that was current a moment ago, which is then read anew in the background: nobody waits. */
  recall(key: string): Found | undefined;
  /**
   * Reads a file from storage, once for however many ask at the same time; undefined where there is
   * none. A segment is there from its first byte on, and is then read to its end whoever leaves. While storage fails or is slow, an outdated copy is better than none.
   * @throws AppError UNAVAILABLE where storage fails and nothing is held; the signal's reason on abort.
   */
  load(key: string, kind: HlsFileKind, signal: AbortSignal): Promise<Found | undefined>;
  /** What is held, however old; neither counted nor taken for a use. */
  copyOf(key: string): CachedFile | undefined;
  /** Bytes held now. */
  readonly bytes: number;
  /** Bytes that may be held. */
  readonly maxBytes: number;
  /** Reads of storage under way. */
  readonly reading: number;
}

/** How long storage is waited for, milliseconds. */
export interface Patience {
  /** Where an outdated copy can stand in. */
  withCopyMs: number;
  withoutMs: number;
}

export interface SegmentCacheDeps {
  openBlob: OpenBlob;
  maxBytes: number;
  /** Ends what is read for nobody in particular. */
  stopping: AbortSignal;
  patience?: Patience;
  onRead?: (outcome: CacheOutcome) => void;
  /** A file that is not held any more. */
  onDrop?: (file: CachedFile) => void;
  now?: () => number;
}

interface Entry extends CachedFile {
  /** Epoch milliseconds. */
  freshUntil: number;
}

/** Short enough for a growing playlist, long enough that a crowd costs two reads a second. */
const MUTABLE_FRESH_MS = 500;

/** How long after that a copy is still good enough for those who come while it is read anew (RFC 5861 section 3). */
const REFRESH_WINDOW_MS = 1_000;

/** How long an outdated copy stands in before storage is asked again. */
const STALE_RETRY_MS = 5_000;

const PATIENCE: Patience = { withCopyMs: 1_000, withoutMs: 8_000 };

/** What an entry costs beside its body, roughly. */
const ENTRY_OVERHEAD_BYTES = 512;

export function createSegmentCache(deps: SegmentCacheDeps): SegmentCache {
  const { openBlob, onRead, onDrop, stopping, patience = PATIENCE, now = Date.now } = deps;
  const flights = createSingleFlight<Found | undefined>();
  let reading = 0;
  const entries = new LRUCache<string, Entry>({
    maxSize: deps.maxBytes,
    sizeCalculation: ({ body }, key) => body.length + key.length + ENTRY_OVERHEAD_BYTES,
    ...(onDrop && { dispose: onDrop }),
  });

  function standIn(key: string): Found | undefined {
    const file = entries.get(key);
    if (!file) return undefined;
    file.freshUntil = now() + STALE_RETRY_MS;
    return { file, outcome: 'stale' };
  }

  async function fill(key: string, kind: HlsFileKind, signal: AbortSignal): Promise<Found | undefined> {
    const readAt = now();
    const opened = await openBlob(key, signal, kind === 'segment' ? allocateBody : undefined);
    if (!opened) {
      entries.delete(key);
      return undefined;
    }
    const { etag, arriving } = opened;
    const { body } = arriving;
    // From the first byte on an answer can only be broken off.
    await (kind === 'segment' && body.length > 0 ? arriving.beyond(0) : arriving.whole);
    const final = isFinal(kind, body);
    const freshUntil = final ? Infinity : readAt + MUTABLE_FRESH_MS;
    const file: Entry = {
      ...{ body, etag, kind, final, freshUntil },
      ...(kind === 'segment' && { arriving }),
    };
    entries.set(key, file);
    if (file.arriving) void settle(key, file, file.arriving);
    return { file, outcome: 'miss' };
  }

  /** What breaks off is not kept. */
  async function settle(key: string, file: Entry, { whole }: ArrivingBlob): Promise<void> {
    reading += 1;
    try {
      await whole;
      delete file.arriving;
    } catch {
      // Those who are sent it notice for themselves.
      if (entries.peek(key) === file) entries.delete(key);
    } finally {
      reading -= 1;
    }
  }

  const read = (key: string, kind: HlsFileKind, signal: AbortSignal): Promise<Found | undefined> =>
    flights.run(key, signal, async (flight) => {
      reading += 1;
      try {
        const found = await within(fill(key, kind, flight.signal), patience.withoutMs);
        onRead?.('miss');
        return found;
      } catch (cause) {
        // Who reads is told to stop where it takes too long, and not waited for.
        flight.abort();
        const outdated = standIn(key);
        if (!outdated) throw cause instanceof AppError ? cause : new AppError('UNAVAILABLE', {}, { cause });
        onRead?.('stale');
        return outdated;
      } finally {
        reading -= 1;
      }
    });

  /** What goes wrong with it is met by whoever has to wait for it. */
  function readInBackground(key: string, kind: HlsFileKind): void {
    if (!flights.isUnderWay(key)) read(key, kind, stopping).catch(() => undefined);
  }

  /** The read goes on when the copy had to stand in for it. */
  async function readOrCopy(copy: Entry, key: string, signal: AbortSignal): Promise<Found | undefined> {
    readInBackground(key, copy.kind);
    try {
      return await within(read(key, copy.kind, signal), patience.withCopyMs);
    } catch {
      onRead?.('stale');
      return standIn(key) ?? { file: copy, outcome: 'stale' };
    }
  }

  return {
    peek(key) {
      const entry = entries.get(key);
      if (!entry || entry.freshUntil <= now()) return undefined;
      onRead?.('hit');
      return entry;
    },

    recall(key) {
      const file = entries.get(key);
      if (!file) return undefined;
      const outdatedMs = file.freshUntil === Infinity ? -Infinity : now() - file.freshUntil;
      if (outdatedMs >= REFRESH_WINDOW_MS) return undefined;
      const outcome = outdatedMs < 0 ? 'hit' : 'refresh';
      if (outcome === 'refresh') readInBackground(key, file.kind);
      onRead?.(outcome);
      return { file, outcome };
    },

    load(key, kind, signal) {
      const copy = entries.peek(key);
      return copy ? readOrCopy(copy, key, signal) : read(key, kind, signal);
    },

    copyOf: (key) => entries.peek(key),

    get bytes() {
      return entries.calculatedSize;
    },

    maxBytes: deps.maxBytes,

    get reading() {
      return reading;
    },
  };
}
