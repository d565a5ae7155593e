import type { Logger } from '../../platform/logger.js';
import type { Pool } from './pool.js';
import type { Scaling } from './scaling.js';
import type { WorkerOrders, WorkerRegistry } from './worker-registry.js';

/** What a worker says of itself, and what it is told. */
export interface WorkerReport {
  /** Reports and obeys; to be called every other second. */
  send(): Promise<void>;
  /** Whether jobs may be claimed: not before the first report, nor while paused or draining. */
  mayClaim(): boolean;
}

export function createWorkerReport(deps: {
  registry: Pick<WorkerRegistry, 'report'>;
  pool: Pick<Pool, 'slots' | 'busy' | 'wake'>;
  scaling: Pick<Scaling, 'lastDecision'>;
  limits: { min: number; max: number };
  log: Logger;
}): WorkerReport {
  const { registry, pool, limits, log } = deps;
  let orders: WorkerOrders | undefined;
  const mayClaim = (): boolean => orders !== undefined && !orders.isDraining && !orders.isPaused;

  return {
    mayClaim,
    async send() {
      const couldClaim = mayClaim();
      const before = orders;
      orders = await registry.report({
        ...{ slots: pool.slots(), busy: pool.busy(), minSlots: limits.min, maxSlots: limits.max },
        decision: deps.scaling.lastDecision(),
      });
      if (mayClaim() && !couldClaim) pool.wake();
      if (before?.isDraining !== orders.isDraining || before.isPaused !== orders.isPaused) {
        log.info(orders, mayClaim() ? 'jobs are claimed' : 'no more jobs are claimed');
      }
    },
  };
}
