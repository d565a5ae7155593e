import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry of one process, with Node's own metrics and the service as a label. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
