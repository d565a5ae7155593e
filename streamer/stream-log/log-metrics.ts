import { Counter, Gauge, type Registry } from 'prom-client';
import type { SessionLog } from './session-log.js';
import type { GivenUp } from './session-flush.js';

/** What is counted of the stream log itself. */
export interface LogMetrics {
  /** A session that is not in the log: there were too many, its video is not known, or it could not be stored. */
  dropped(why: GivenUp | 'full'): void;
  stored(sessions: number): void;
  /** Reports how many sessions are in memory, each time metrics are read. */
  watch(log: Pick<SessionLog, 'size'>): void;
}

export function createLogMetrics(registry: Registry): LogMetrics {
  const registers = [registry];
  const dropped = new Counter({
    name: 'stream_plus_sessions_dropped_total',
    help: 'Requests or sessions that the stream log has not counted: full, unknown_video or refused.',
    labelNames: ['reason'],
    registers,
  });
  const stored = new Counter({
    name: 'stream_plus_sessions_written_total',
    help: 'Sessions written to the stream log; one that goes on is written again.',
    registers,
  });

  return {
    dropped: (reason) => dropped.inc({ reason }),
    stored: (sessions) => stored.inc(sessions),
    watch(log) {
      new Gauge({
        name: 'stream_plus_sessions',
        help: 'Sessions of the stream log in memory.',
        registers,
        collect() {
          this.set(log.size);
        },
      });
    },
  };
}
