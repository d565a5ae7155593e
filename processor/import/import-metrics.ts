import { Counter, Gauge, type Registry } from 'prom-client';

/** What is counted of imports. */
export interface ImportMetrics {
  bytes(count: number): void;
  /** RECEIVED, RELEASED where the process stops, or the code that an attempt ended with. */
  ended(outcome: string): void;
}

export function createImportMetrics(registry: Registry, deps: { running: () => number }): ImportMetrics {
  const bytes = new Counter({
    name: 'stream_plus_imported_bytes_total',
    help: 'Bytes of sources read from URLs, those of attempts that failed included',
    registers: [registry],
  });
  const ends = new Counter({
    name: 'stream_plus_imports_total',
    help: 'Attempts to import a source that ended, by outcome: RECEIVED, RELEASED or the code of an error',
    labelNames: ['outcome'],
    registers: [registry],
  });
  new Gauge({
    name: 'stream_plus_imports_running',
    help: 'Sources that this process imports right now',
    registers: [registry],
    collect() {
      this.set(deps.running());
    },
  });
  return { bytes: (count) => bytes.inc(count), ended: (outcome) => ends.inc({ outcome }) };
}
