import { Counter, Gauge, type Registry } from 'prom-client';
import type { CacheOutcome, SegmentCache } from './segment-cache.js';

/** What the streamer counts. */
export interface StreamMetrics {
  /** One answered request; `bytes` of body. */
  answered(kind: string, status: number, bytes: number): void;
  cacheRead(outcome: CacheOutcome): void;
  /** Reports how much this cache holds, each time metrics are read. */
  watchCache(cache: Pick<SegmentCache, 'bytes'>): void;
}

export function createStreamMetrics(registry: Registry): StreamMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'stream_plus_stream_requests_total',
    help: 'Requests answered, by kind of file and HTTP status.',
    labelNames: ['kind', 'status'],
    registers,
  });
  const bytes = new Counter({
    name: 'stream_plus_stream_body_bytes_total',
    help: 'Bytes of answer bodies, by kind of file.',
    labelNames: ['kind'],
    registers,
  });
  const cacheReads = new Counter({
    name: 'stream_plus_stream_cache_reads_total',
    help: 'Reads of the file cache: hit, miss (read from storage), stale (storage failed).',
    labelNames: ['outcome'],
    registers,
  });

  return {
    answered(kind, status, sent) {
      requests.inc({ kind, status });
      if (sent > 0) bytes.inc({ kind }, sent);
    },
    cacheRead: (outcome) => cacheReads.inc({ outcome }),
    watchCache(cache) {
      new Gauge({
        name: 'stream_plus_stream_cache_bytes',
        help: 'Bytes held by the file cache.',
        registers,
        collect() {
          this.set(cache.bytes);
        },
      });
    },
  };
}
