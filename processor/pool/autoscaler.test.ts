import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideScaling, type ScalingFacts, type ScalingLimits, type ScalingVerdict } from './autoscaler.js';

const limits: ScalingLimits = { min: 1, max: 8, coolDownMs: 30_000, maxLoad: 0.85 };

const facts = (part: Partial<ScalingFacts> = {}): ScalingFacts => ({
  queued: { jobs: 4, urgentJobs: 0, seconds: 92 },
  ...{ slotsAlive: 2, slots: 2, busy: 2, load: 0.5, nowMs: 1_000_000 },
  ...part,
});
const idle = { queued: { jobs: 0, urgentJobs: 0, seconds: 0 }, busy: 0 };

describe('decideScaling', () => {
  it('grows when work waits and no slot is free, and says so', () => {
    expect(decideScaling(facts(), limits)).toEqual({
      kind: 'grow',
      target: 4,
      reason: '4 jobs (92 work-seconds) wait and no slot is free: 2 → 4',
    });
  });

  it('at most doubles, however much waits', () => {
    const queued = { jobs: 500, urgentJobs: 0, seconds: 50_000 };
    expect(decideScaling(facts({ queued }), limits).target).toBe(4);
  });

  it('gives each job a slot that somebody may be waiting for, and no slot to nobody', () => {
    const queued = { jobs: 2, urgentJobs: 2, seconds: 3 };
    expect(decideScaling(facts({ queued }), limits).target).toBe(4);
    expect(decideScaling(facts({ queued: { ...queued, urgentJobs: 0 } }), limits).target).toBe(3);
    expect(decideScaling(facts({ queued: { ...queued, seconds: 900 } }), limits).target).toBe(4);
  });

  it('leaves to others what is their share', () => {
    const queued = { jobs: 8, urgentJobs: 8, seconds: 8 };
    expect(decideScaling(facts({ queued, slotsAlive: 16 }), limits).target).toBe(3);
  });

  it('waits for a free slot to take the work', () => {
    expect(decideScaling(facts({ busy: 1 }), limits)).toMatchObject({ kind: 'keep', target: 2 });
  });

  it('adds nothing to a full machine, and says that', () => {
    expect(decideScaling(facts({ load: 0.91 }), limits)).toEqual({
      kind: 'full',
      target: 2,
      reason: '4 jobs (92 work-seconds) wait and no slot is free, but 91 % of the CPU is in use: 2 stay',
    });
    expect(decideScaling(facts({ load: 1 }), { ...limits, maxLoad: 1 }).kind).toBe('grow');
  });

  it('shrinks one by one, once fewer have been enough for the cool-down', () => {
    const start = facts({ ...idle, slots: 4, slotsAlive: 4, busy: 1 });
    const first = decideScaling(start, limits);
    expect(first).toMatchObject({ kind: 'keep', target: 4, enoughSinceMs: start.nowMs });
    const later = { ...start, nowMs: start.nowMs + 30_000 };
    const second = decideScaling(later, limits, first.enoughSinceMs);
    expect(second).toMatchObject({ kind: 'shrink', target: 3 });
    expect(second.reason).toBe('1 of 4 slots is enough for 30 s: 4 → 3');
    const third = decideScaling({ ...later, slots: 3 }, limits, second.enoughSinceMs);
    expect(third).toMatchObject({ kind: 'keep', target: 3 });
  });

  it('forgets that fewer were enough as soon as they are not', () => {
    const start = facts({ ...idle, slots: 4 });
    const { enoughSinceMs } = decideScaling(start, limits);
    expect(decideScaling({ ...start, busy: 4 }, limits, enoughSinceMs).enoughSinceMs).toBeUndefined();
  });
});

const anyLimits = fc
  .record({ min: fc.integer({ min: 1, max: 8 }), more: fc.nat(24), maxLoad: fc.constantFrom(0.5, 0.85, 1) })
  .map(({ min, more, maxLoad }): ScalingLimits => ({ min, max: min + more, coolDownMs: 4_000, maxLoad }));

const anyWorld = fc.record({
  jobs: fc.nat(2_000),
  urgentShare: fc.double({ min: 0, max: 1, noNaN: true }),
  secondsEach: fc.double({ min: 0, max: 600, noNaN: true }),
  otherSlots: fc.nat(200),
  load: fc.double({ min: 0, max: 1, noNaN: true }),
  /** Slots that have something to do: all of them while work waits. */
  running: fc.nat(40),
});

const STEP_MS = 2_000;
/** All slots there may be can go one by one in this time. */
const FOR_LONG_MS = 80 * STEP_MS;

describe('the autoscaler', () => {
  it('stays within its limits, at most doubles, ends nobody’s work, and settles on what is constant', () => {
    fc.assert(
      fc.property(anyLimits, anyWorld, fc.nat(31), (within, world, startAt) => {
        let slots = Math.min(within.max, within.min + startAt);
        let enoughSinceMs: number | undefined;
        const { jobs, otherSlots, load } = world;
        const queued = {
          jobs,
          urgentJobs: Math.round(jobs * world.urgentShare),
          seconds: jobs * world.secondsEach,
        };
        const verdicts: ScalingVerdict[] = [];
        for (let nowMs = 0; nowMs < FOR_LONG_MS; nowMs += STEP_MS) {
          const busy = Math.min(slots, world.running);
          const slotsAlive = otherSlots + slots;
          const verdict = decideScaling(
            { queued, slotsAlive, slots, busy, load, nowMs },
            within,
            enoughSinceMs,
          );
          const least = Math.max(within.min, busy, slots - 1);
          const most = Math.min(within.max, load > within.maxLoad ? slots : slots * 2);
          if (verdict.target < least || verdict.target > most) {
            throw new Error(`${verdict.target} is not within ${least} and ${most}: ${verdict.reason}`);
          }
          verdicts.push(verdict);
          ({ target: slots, enoughSinceMs } = verdict);
        }
        const kinds = new Set(verdicts.map(({ kind }) => kind));
        expect(kinds.has('grow') && kinds.has('shrink')).toBe(false);
        expect(['keep', 'full']).toContain(verdicts.at(-1)?.kind);
        expect(verdicts.at(-1)?.enoughSinceMs).toBeUndefined();
      }),
    );
  });

  it('comes back to the minimum when nothing is left to do', () => {
    fc.assert(
      fc.property(anyLimits, (within) => {
        let slots = within.max;
        let enoughSinceMs: number | undefined;
        for (let nowMs = 0; slots > within.min && nowMs < FOR_LONG_MS; nowMs += STEP_MS) {
          const verdict = decideScaling(facts({ ...idle, slots, nowMs }), within, enoughSinceMs);
          ({ target: slots, enoughSinceMs } = verdict);
        }
        expect(slots).toBe(within.min);
      }),
    );
  });

  it('reaches its maximum within a doubling each, where work waits and there is CPU', () => {
    fc.assert(
      fc.property(anyLimits, ({ min, max }) => {
        let slots = min;
        const queued = { jobs: 10_000, urgentJobs: 10_000, seconds: 1e6 };
        for (let step = 0; step < 6; step += 1) {
          const full = facts({ queued, slots, slotsAlive: slots, busy: slots });
          slots = decideScaling(full, { ...limits, min, max }).target;
        }
        expect(slots).toBe(max);
      }),
    );
  });
});
