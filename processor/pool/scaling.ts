import type { Logger } from '../../platform/logger.js';
import type { ScalingDecision } from '../../schema/worker.js';
import {
  decideScaling,
  type QueuedWorkFacts,
  type ScalingLimits,
  type ScalingVerdict,
} from './autoscaler.js';
import type { Pool } from './pool.js';

/** What keeps the pool as large as the queue and the machine ask for. */
export interface Scaling {
  /** Looks, decides, and resizes the pool; to be called every other second. */
  step(): Promise<void>;
  /** What was changed last, or held back, and why. */
  lastDecision(): ScalingDecision | undefined;
}

export function createScaling(deps: {
  pool: Pick<Pool, 'target' | 'busy' | 'resize'>;
  limits: ScalingLimits;
  queued: () => Promise<QueuedWorkFacts>;
  /** Slots of all other live workers. */
  otherSlots: () => Promise<number>;
  load: () => number;
  /** Whether this worker claims jobs at all: slots that may do nothing are neither added nor removed. */
  mayClaim: () => boolean;
  log: Logger;
  now?: () => number;
}): Scaling {
  const { pool, limits, log, now = Date.now } = deps;
  let enoughSinceMs: number | undefined;
  let last: { decision: ScalingDecision; kind: ScalingVerdict['kind'] } | undefined;

  function record(from: number, { kind, target: to, reason }: ScalingVerdict): void {
    const isNews = from !== to || (kind === 'full' && !(last?.kind === 'full' && last.decision.to === to));
    if (!isNews) return;
    last = { kind, decision: { at: new Date(now()), from, to, reason } };
    log.info({ from, to, reason }, from === to ? 'slots not added' : 'slots changed');
  }

  return {
    async step() {
      const load = deps.load();
      if (!deps.mayClaim()) return;
      const [queued, otherSlots] = await Promise.all([deps.queued(), deps.otherSlots()]);
      const slots = pool.target();
      // Those that only end what they have are no longer this worker's slots.
      const busy = Math.min(pool.busy(), slots);
      const facts = { queued, slots, busy, load, slotsAlive: otherSlots + slots, nowMs: now() };
      const verdict = decideScaling(facts, limits, enoughSinceMs);
      enoughSinceMs = verdict.enoughSinceMs;
      if (verdict.target !== slots) pool.resize(verdict.target);
      record(slots, verdict);
    },
    lastDecision: () => last?.decision,
  };
}
