import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { within } from './deadline.js';

/** Whether one dependency can be used right now; rejects or resolves false where it cannot. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

const CHECK_TIMEOUT_MS = 2_000;

/**
 * Adds `/healthz` (the process lives), `/readyz` (each dependency by name; 503 where one is not ready)
 * and `/metrics` (Prometheus text format).
 */
export function addHealthRoutes(
  app: FastifyInstance,
  deps: { checks: Record<string, ReadinessCheck>; metrics: Registry; stopping: AbortSignal },
): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const names = Object.keys(deps.checks);
    const ready = await Promise.all(names.map((name) => passes(deps.checks[name])));
    const notReady = names.filter((_, index) => !ready[index]);
    if (deps.stopping.aborted) notReady.push('stopping');
    return reply
      .code(notReady.length === 0 ? 200 : 503)
      .send({ status: notReady.length === 0 ? 'ready' : 'not ready', notReady });
  });

  app.get('/metrics', async (_request, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
}

async function passes(check: ReadinessCheck | undefined): Promise<boolean> {
  if (!check) return false;
  const answer = Promise.resolve().then(check);
  return within(answer, CHECK_TIMEOUT_MS).catch(() => false);
}
