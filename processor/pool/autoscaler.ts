/** What the autoscaler may do. */
export interface ScalingLimits {
  min: number;
  max: number;
  /** A slot goes only after one fewer has been enough for this long. */
  coolDownMs: number;
  /** Share of the machine's CPU in use, 0–1, above which no slot is added. */
  maxLoad: number;
}

/** What waits in the whole installation. */
export interface QueuedWorkFacts {
  jobs: number;
  /** Jobs that somebody may be waiting for to watch: of the classes URGENT and LEAD. */
  urgentJobs: number;
  /** Predicted time of all of them on one slot. */
  seconds: number;
}

export interface ScalingFacts {
  queued: QueuedWorkFacts;
  /** Slots of all live workers, this one's included. */
  slotsAlive: number;
  /** Slots of this worker, and how many of them work. */
  slots: number;
  busy: number;
  /** Share of the machine's CPU in use lately, 0–1. */
  load: number;
  nowMs: number;
}

export interface ScalingVerdict {
  /** `full`: more slots would help, but the machine has nothing left for them. */
  kind: 'grow' | 'shrink' | 'full' | 'keep';
  target: number;
  /** For an operator to read. */
  reason: string;
  /** Since when fewer slots would have been enough: to be passed to the next decision. */
  enoughSinceMs?: number;
}

/** What waits is to be done in about this time, if there are slots enough. */
const DRAIN_GOAL_SECONDS = 60;

/**
 * How many slots this worker should have. It grows at once, at most twofold, when work waits for it, none
 * of its slots is free and the machine has CPU left; it shrinks by one when fewer have been enough for a
 * while. What is constant settles: a slot that goes is one that neither works nor would be added again.
 */
export function decideScaling(
  facts: ScalingFacts,
  limits: ScalingLimits,
  enoughSinceMs?: number,
): ScalingVerdict {
  const { slots } = facts;
  if (slots < limits.min || slots > limits.max) {
    const target = within(limits, slots);
    return {
      kind: target > slots ? 'grow' : 'shrink',
      target,
      reason: `outside of the limits: ${slots} → ${target}`,
    };
  }
  const wanted = within(limits, facts.busy + slotsForQueue(facts));
  if (wanted > slots) return considerGrowth(facts, limits, wanted);
  if (wanted < slots) return considerShrinking(facts, limits, { wanted, enoughSinceMs });
  const waits = facts.queued.jobs > 0 && slots === limits.max;
  const reason = waits ? `${queueText(facts)} and there may be no more than ${slots}` : `${slots} are right`;
  return { kind: 'keep', target: slots, reason };
}

/** Slots that this worker should have beside its busy ones, for its share of what waits. */
function slotsForQueue({ queued, slotsAlive, slots }: ScalingFacts): number {
  const ownShare = (ofAll: number): number => Math.ceil((ofAll * slots) / Math.max(slotsAlive, slots, 1));
  const toDrain = ownShare(queued.seconds / DRAIN_GOAL_SECONDS);
  return Math.min(ownShare(queued.jobs), Math.max(1, toDrain, ownShare(queued.urgentJobs)));
}

function considerGrowth(facts: ScalingFacts, { maxLoad }: ScalingLimits, wanted: number): ScalingVerdict {
  const { slots, load } = facts;
  const keep = { target: slots, kind: 'keep' as const };
  if (facts.busy < slots) return { ...keep, reason: `${queueText(facts)} and a slot is free` };
  if (load > maxLoad) {
    const percent = Math.round(load * 100);
    const reason = `${queueText(facts)} and no slot is free, but ${percent} % of the CPU is in use: ${slots} stay`;
    return { kind: 'full', target: slots, reason };
  }
  const target = Math.min(wanted, slots * 2);
  return { kind: 'grow', target, reason: `${queueText(facts)} and no slot is free: ${slots} → ${target}` };
}

function considerShrinking(
  { slots, nowMs }: ScalingFacts,
  { coolDownMs }: ScalingLimits,
  { wanted, enoughSinceMs = nowMs }: { wanted: number; enoughSinceMs?: number },
): ScalingVerdict {
  const enough = `${wanted} of ${slots} slots ${wanted === 1 ? 'is' : 'are'} enough`;
  const heldMs = nowMs - enoughSinceMs;
  if (heldMs < coolDownMs) return { kind: 'keep', target: slots, reason: enough, enoughSinceMs };
  const target = slots - 1;
  const reason = `${enough} for ${Math.round(heldMs / 1_000)} s: ${slots} → ${target}`;
  return { kind: 'shrink', target, reason, enoughSinceMs: nowMs };
}

const within = ({ min, max }: ScalingLimits, slots: number): number => Math.min(max, Math.max(min, slots));

const queueText = ({ queued: { jobs, seconds } }: ScalingFacts): string =>
  `${jobs} ${jobs === 1 ? 'job' : 'jobs'} (${Math.round(seconds)} work-seconds) ${jobs === 1 ? 'waits' : 'wait'}`;
