import { LRUCache } from 'lru-cache';
import type { HlsFileKind } from '../schema/blob-paths.js';
import type { ReadBlob, StoredBlob } from '../platform/blob-reader.js';
import { isFinal } from './published-file.js';
import { createSingleFlight } from './single-flight.js';

/** A published file in memory. */
export interface CachedFile extends StoredBlob {
  /** Whether it will never change again. */
  readonly final: boolean;
}

export type CacheOutcome = 'hit' | 'miss' | 'stale';

/** Published files in memory, the least recently used given up first. */
export interface SegmentCache {
  /** What is held and known to be current; costs no I/O. */
  peek(key: string): CachedFile | undefined;
  /**
   * Reads a file from storage, once for however many ask at the same time; undefined where there is
   * none. While storage fails, an outdated copy is better than none.
   * @throws AppError UNAVAILABLE where storage fails and nothing is held; the signal's reason on abort.
   */
  load(key: string, kind: HlsFileKind, signal: AbortSignal): Promise<CachedFile | undefined>;
  /** Bytes held now. */
  readonly bytes: number;
}

interface Entry extends CachedFile {
  /** Epoch milliseconds. */
  freshUntil: number;
}

/** Short enough for a growing playlist, long enough that a crowd costs two reads a second. */
const MUTABLE_FRESH_MS = 500;

/** How long an outdated copy stands in before storage is asked again. */
const STALE_RETRY_MS = 5_000;

/** What an entry costs beside its body, roughly. */
const ENTRY_OVERHEAD_BYTES = 512;

export function createSegmentCache(deps: {
  readBlob: ReadBlob;
  maxBytes: number;
  onRead?: (outcome: CacheOutcome) => void;
  now?: () => number;
}): SegmentCache {
  const { readBlob, onRead, now = Date.now } = deps;
  const flights = createSingleFlight<CachedFile | undefined>();
  const entries = new LRUCache<string, Entry>({
    maxSize: deps.maxBytes,
    sizeCalculation: ({ body }, key) => body.length + key.length + ENTRY_OVERHEAD_BYTES,
  });

  function standIn(key: string): Entry | undefined {
    const outdated = entries.get(key);
    if (outdated) outdated.freshUntil = now() + STALE_RETRY_MS;
    return outdated;
  }

  async function fill(key: string, kind: HlsFileKind, signal: AbortSignal): Promise<Entry | undefined> {
    const readAt = now();
    const blob = await readBlob(key, signal);
    if (!blob) {
      entries.delete(key);
      return undefined;
    }
    const final = isFinal(kind, blob.body);
    const entry = { ...blob, final, freshUntil: final ? Infinity : readAt + MUTABLE_FRESH_MS };
    entries.set(key, entry);
    return entry;
  }

  return {
    peek(key) {
      const entry = entries.get(key);
      if (!entry || (entry.freshUntil !== Infinity && entry.freshUntil <= now())) return undefined;
      onRead?.('hit');
      return entry;
    },

    load(key, kind, signal) {
      return flights.run(key, signal, async (flightSignal) => {
        try {
          const entry = await fill(key, kind, flightSignal);
          onRead?.('miss');
          return entry;
        } catch (error) {
          const outdated = flightSignal.aborted ? undefined : standIn(key);
          if (!outdated) throw error;
          onRead?.('stale');
          return outdated;
        }
      });
    },

    get bytes() {
      return entries.calculatedSize;
    },
  };
}
