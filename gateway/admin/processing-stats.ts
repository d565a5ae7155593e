import { VideoStatus } from '../../schema/enums.js';
import type { ProcessingFigures } from './admin-types.js';

/** Videos that ended with one status within a span, and what is known of the READY ones' speed. */
export interface EndedCount {
  status: VideoStatus;
  count: number;
  mediaSeconds: number;
  wallSeconds: number;
}

/** What was counted within one span. */
export interface SpanCounts {
  ended: readonly EndedCount[];
  retried: number;
  /** From queued to playable, seconds, in any order. */
  timesToPlayable: readonly number[];
}

/** The nearest-rank percentile of sorted values; null where there are none. */
export function percentile(sorted: readonly number[], percent: number): number | null {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(rank, 1) - 1] ?? null;
}

/** The figures of one span. */
export function processingFigures({ ended, retried, timesToPlayable }: SpanCounts): ProcessingFigures {
  const of = (status: VideoStatus): EndedCount =>
    ended.find((found) => found.status === status) ?? { status, count: 0, mediaSeconds: 0, wallSeconds: 0 };
  const ready = of(VideoStatus.READY);
  const sorted = timesToPlayable.toSorted((a, b) => a - b);
  return {
    done: ready.count,
    failed: of(VideoStatus.FAILED).count,
    stopped: of(VideoStatus.STOPPED).count,
    retried,
    meanSpeed: ready.wallSeconds > 0 ? ready.mediaSeconds / ready.wallSeconds : null,
    timeToPlayableP50Seconds: percentile(sorted, 50),
    timeToPlayableP95Seconds: percentile(sorted, 95),
    timeToPlayableSamples: sorted.length,
  };
}
