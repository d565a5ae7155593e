import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { healthRoute, metricsRoute, readinessRoute } from '../schema/rest/health-routes.js';
import { within } from './deadline.js';
import { bindRoute } from './rest/bind-route.js';

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
  bindRoute(app, healthRoute, () => ({ status: 'ok' }));

  bindRoute(app, readinessRoute, async ({ reply }) => {
    const names = Object.keys(deps.checks);
    const ready = await Promise.all(names.map((name) => passes(deps.checks[name])));
    const notReady = names.filter((_, index) => !ready[index]);
    if (deps.stopping.aborted) notReady.push('stopping');
    if (notReady.length === 0) return { status: 'ready', notReady };
    reply.code(503);
    return { status: 'not ready', notReady };
  });

  bindRoute(app, metricsRoute, async ({ reply }) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
}

async function passes(check: ReadinessCheck | undefined): Promise<boolean> {
  if (!check) return false;
  const answer = Promise.resolve().then(check);
  return within(answer, CHECK_TIMEOUT_MS).catch(() => false);
}
