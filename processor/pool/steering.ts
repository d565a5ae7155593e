import type { Logger } from '../../platform/logger.js';
import type { WorkForecast } from '../../platform/queued-work.js';
import type { ProcessorConfig } from '../config.js';
import { createCpuLoad } from './cpu-load.js';
import type { Pool } from './pool.js';
import { createScaling } from './scaling.js';
import { createWorkerReport } from './worker-report.js';
import type { WorkerRegistry } from './worker-registry.js';

/** What decides how many slots a processor has, and whether they take jobs. */
export interface Steering {
  mayClaim(): boolean;
  /** To be done again and again. */
  tasks: { name: string; intervalMs: number; task: () => Promise<void> }[];
}

const INTERVAL_MS = 2_000;

type Settings = Pick<
  ProcessorConfig,
  'CONSUMERS_MIN' | 'CONSUMERS_MAX' | 'CONSUMERS_COOLDOWN_SECONDS' | 'CONSUMERS_MAX_LOAD' | 'LEASE_SECONDS'
>;

export function createSteering(deps: {
  config: Settings;
  registry: Pick<WorkerRegistry, 'report' | 'others'>;
  forecast: Pick<WorkForecast, 'queued'>;
  pool: Pick<Pool, 'target' | 'slots' | 'busy' | 'resize' | 'wake'>;
  log: Logger;
}): Steering {
  const { config, registry, pool, log } = deps;
  const coolDownMs = config.CONSUMERS_COOLDOWN_SECONDS * 1_000;
  const limits = {
    ...{ min: Math.min(config.CONSUMERS_MIN, config.CONSUMERS_MAX), max: config.CONSUMERS_MAX },
    ...{ coolDownMs, maxLoad: config.CONSUMERS_MAX_LOAD },
  };
  const scaling = createScaling({
    ...{ pool, limits, log, load: createCpuLoad() },
    queued: () => deps.forecast.queued(),
    otherSlots: async () => (await registry.others()).slots,
    mayClaim: () => report.mayClaim(),
  });
  const report = createWorkerReport({ registry, pool, scaling, limits, log });

  return {
    mayClaim: () => report.mayClaim(),
    tasks: [
      {
        ...{ name: 'worker report', task: () => report.send() },
        intervalMs: Math.min(INTERVAL_MS, (config.LEASE_SECONDS * 1_000) / 3),
      },
      {
        ...{ name: 'scaling', task: () => scaling.step() },
        intervalMs: Math.min(INTERVAL_MS, coolDownMs),
      },
    ],
  };
}
