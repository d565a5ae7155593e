import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createScaling } from './scaling.js';

/** A pool of as many busy slots as `atWork` says, and a queue that the test fills. */
function createFixture() {
  const world = { slots: 1, atWork: 1, jobs: 0, load: 0.1, mayClaim: true, now: 0 };
  const lines: string[] = [];
  const scaling = createScaling({
    pool: {
      target: () => world.slots,
      busy: () => world.atWork,
      resize: (target) => void (world.slots = target),
    },
    limits: { min: 1, max: 4, coolDownMs: 1_000, maxLoad: 0.85 },
    queued: () => Promise.resolve({ jobs: world.jobs, urgentJobs: world.jobs, seconds: 10 }),
    otherSlots: () => Promise.resolve(0),
    load: () => world.load,
    mayClaim: () => world.mayClaim,
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    now: () => world.now,
  });
  const logged = () => lines.map((line) => JSON.parse(line) as { msg: string; from: number; to: number });
  return { world, scaling, logged };
}

describe('createScaling', () => {
  it('resizes the pool, and tells every change and its reason', async () => {
    const { world, scaling, logged } = createFixture();
    world.jobs = 6;
    await scaling.step();
    expect(world.slots).toBe(2);
    world.atWork = 2;
    await scaling.step();
    expect(world.slots).toBe(4);
    expect(scaling.lastDecision()).toEqual({
      ...{ at: new Date(0), from: 2, to: 4 },
      reason: '6 jobs (10 work-seconds) wait and no slot is free: 2 → 4',
    });
    Object.assign(world, { jobs: 0, atWork: 0 });
    await scaling.step();
    world.now = 1_000;
    await scaling.step();
    expect(world.slots).toBe(3);
    expect(logged().map(({ msg, from, to }) => [msg, from, to])).toEqual([
      ['slots changed', 1, 2],
      ['slots changed', 2, 4],
      ['slots changed', 4, 3],
    ]);
  });

  it('tells once that the machine is full', async () => {
    const { world, scaling, logged } = createFixture();
    Object.assign(world, { jobs: 2, load: 0.99 });
    await scaling.step();
    await scaling.step();
    expect(world.slots).toBe(1);
    expect(logged().map(({ msg }) => msg)).toEqual(['slots not added']);
    expect(scaling.lastDecision()).toMatchObject({ from: 1, to: 1 });
  });

  it('does not count slots that only end their job', async () => {
    const { world, scaling } = createFixture();
    Object.assign(world, { slots: 1, atWork: 3, jobs: 0 });
    await scaling.step();
    expect([world.slots, scaling.lastDecision()]).toEqual([1, undefined]);
  });

  it('leaves the pool as it is while nothing may be claimed', async () => {
    const { world, scaling } = createFixture();
    Object.assign(world, { jobs: 6, mayClaim: false });
    await scaling.step();
    expect(world.slots).toBe(1);
    world.mayClaim = true;
    await scaling.step();
    expect(world.slots).toBe(2);
  });
});
