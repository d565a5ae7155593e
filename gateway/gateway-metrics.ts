import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the gateway counts. Labels come from the schema and our codes, never from a client. */
export interface GatewayMetrics {
  /** One operation, by its first field and the code of its first error, or OK. */
  operation(field: string, code: string, seconds: number): void;
  uploadBytes(bytes: number): void;
  uploadEnd(outcome: string): void;
  /** Reads these when the metrics are collected. */
  observe(live: { sockets: () => number; subscriptions: () => number }): void;
}

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  const operations = new Counter({
    name: 'stream_plus_graphql_operations_total',
    help: 'GraphQL operations answered over HTTP',
    labelNames: ['field', 'code'],
    registers,
  });
  const seconds = new Histogram({
    name: 'stream_plus_graphql_operation_seconds',
    help: 'Time to answer a GraphQL operation over HTTP',
    labelNames: ['field'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
    registers,
  });
  const bytes = new Counter({
    name: 'stream_plus_upload_bytes_total',
    help: 'Bytes of uploaded files received',
    registers,
  });
  const uploads = new Counter({
    name: 'stream_plus_uploads_total',
    help: 'Uploads by how they ended',
    labelNames: ['outcome'],
    registers,
  });

  return {
    operation(field, code, duration) {
      operations.inc({ field, code });
      seconds.observe({ field }, duration);
    },
    uploadBytes: (count) => bytes.inc(count),
    uploadEnd: (outcome) => uploads.inc({ outcome }),
    observe({ sockets, subscriptions }) {
      new Gauge({
        name: 'stream_plus_websockets',
        help: 'Open WebSocket connections',
        registers,
        collect() {
          this.set(sockets());
        },
      });
      new Gauge({
        name: 'stream_plus_subscriptions',
        help: 'Open progress subscriptions',
        registers,
        collect() {
          this.set(subscriptions());
        },
      });
    },
  };
}
