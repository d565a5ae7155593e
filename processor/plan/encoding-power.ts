import type { SpeedStore } from '../../platform/work-speed.js';
import type { WorkerRegistry } from '../pool/worker-registry.js';
import { MEASURED_PIXELS_PER_SECOND, type EncodingPower } from './chunk-policy.js';

/** Weighted pixels a second that one slot is expected to get through before anything was measured. */
export const expectedSpeed = (config: { PROCESSOR_CORES: number; CONSUMERS_MAX: number }): number =>
  (MEASURED_PIXELS_PER_SECOND * config.PROCESSOR_CORES) / config.CONSUMERS_MAX;

/**
 * What a slot can do, and how many there are. What was measured holds for the slots of now: the more of
 * them share a machine, the slower is each. The expectation holds for all that there may be.
 */
export function createEncodingPower(deps: {
  config: { PROCESSOR_CORES: number; CONSUMERS_MAX: number };
  speed: Pick<SpeedStore, 'measured'>;
  registry: Pick<WorkerRegistry, 'others'>;
  ownSlots: () => number;
}): () => Promise<EncodingPower> {
  const { config } = deps;
  return async () => {
    const [measured, others] = await Promise.all([deps.speed.measured(), deps.registry.others()]);
    if (measured === undefined) {
      return { pixelsPerSecond: expectedSpeed(config), slots: config.CONSUMERS_MAX + others.maxSlots };
    }
    return { pixelsPerSecond: measured, slots: deps.ownSlots() + others.slots };
  };
}
