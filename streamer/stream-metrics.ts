import { Counter, Gauge, type Registry } from 'prom-client';
import type { CacheOutcome, SegmentCache } from './segment-cache.js';
import type { CutReason, Transfers } from './transfers.js';

/** What the streamer counts. */
export interface StreamMetrics {
  /** One answered request; `bytes` of body. */
  answered(kind: string, status: number, bytes: number): void;
  cacheRead(outcome: CacheOutcome): void;
  /** One answer that was given up before its client had it. */
  cut(reason: CutReason): void;
  /** Reports what bodies take, each time metrics are read. */
  watchMemory(of: {
    files: Pick<SegmentCache, 'bytes'>;
    transfers: Pick<Transfers, 'bytesBeyondCache'>;
  }): void;
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
    help: 'Reads of the file cache: hit, refresh (held, read anew), miss (from storage), stale (storage failed).',
    labelNames: ['outcome'],
    registers,
  });
  const cuts = new Counter({
    name: 'stream_plus_stream_cut_total',
    help: 'Answers given up because their client took them too slowly: memory (it was needed), slow.',
    labelNames: ['reason'],
    registers,
  });

  return {
    answered(kind, status, sent) {
      requests.inc({ kind, status });
      if (sent > 0) bytes.inc({ kind }, sent);
    },
    cacheRead: (outcome) => cacheReads.inc({ outcome }),
    cut: (reason) => cuts.inc({ reason }),
    watchMemory({ files, transfers }) {
      new Gauge({
        name: 'stream_plus_stream_cache_bytes',
        help: 'Bytes held by the file cache.',
        registers,
        collect() {
          this.set(files.bytes);
        },
      });
      new Gauge({
        name: 'stream_plus_stream_beyond_cache_bytes',
        help: 'Bytes of files that the cache has given up and clients have not taken yet.',
        registers,
        collect() {
          this.set(transfers.bytesBeyondCache);
        },
      });
    },
  };
}
