import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRequestWindows } from './request-windows.js';

const WINDOW_MS = 10_000;

/** A clock, what all gateways share, and gateways that do. */
function setUp() {
  const clock = { now: 1_000_000 };
  const counts = new Map<string, { total: number; endsAt: number }>();
  const world = { clock, isDown: false, writes: 0, errors: 0, gateway };

  function share(key: string, count: number) {
    if (world.isDown) return Promise.reject(new Error('down'));
    world.writes += 1;
    const known = counts.get(key);
    const { total, endsAt } =
      known && known.endsAt > clock.now ? known : { total: 0, endsAt: clock.now + WINDOW_MS };
    counts.set(key, { total: total + count, endsAt });
    return Promise.resolve({ total: total + count, msLeft: endsAt - clock.now });
  }

  function gateway() {
    const onError = () => (world.errors += 1);
    return createRequestWindows({ share, windowMs: WINDOW_MS, onError, now: () => clock.now });
  }
  return world;
}

const settled = () => new Promise(setImmediate);

describe('the requests of one sender', () => {
  it('pass until there are too many, and again in the next span', async () => {
    const { clock, gateway } = setUp();
    const windows = gateway();
    for (let n = 0; n < 20; n += 1) expect(windows.take('a', 20)).toBeUndefined();
    await settled();
    clock.now += 3_500;
    expect(windows.take('a', 20)).toBe(7);
    expect(windows.take('b', 20)).toBeUndefined();
    clock.now += 6_499;
    expect(windows.take('a', 20)).toBe(1);
    clock.now += 1;
    expect(windows.take('a', 20)).toBeUndefined();
  });

  it('are written down a tenth of the limit at a time', async () => {
    const world = setUp();
    const windows = world.gateway();
    for (let n = 0; n < 9; n += 1) windows.take('quiet', 100);
    await settled();
    expect(world.writes).toBe(0);
    for (let n = 0; n < 1_000; n += 1) {
      windows.take('busy', 100);
      await settled();
    }
    expect(world.writes).toBe(10);
  });

  it('are limited all together, and a tenth for each gateway more at most', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1_000, maxLength: 1_000 }),
        async (max, arrivals) => {
          const { gateway } = setUp();
          const gateways = [gateway(), gateway(), gateway(), gateway()];
          let passed = 0;
          for (const at of arrivals) {
            if (gateways[at]?.take('a', max) === undefined) passed += 1;
            await Promise.resolve().then(() => undefined);
          }
          expect(passed).toBeGreaterThanOrEqual(Math.min(max, 1_000));
          expect(passed).toBeLessThanOrEqual(max + gateways.length * Math.ceil(max / 10));
        },
      ),
      { numRuns: 30 },
    ));

  it('are counted here alone while the database does not answer', async () => {
    const world = setUp();
    world.isDown = true;
    const windows = world.gateway();
    const answers: (number | undefined)[] = [];
    for (let n = 0; n < 30; n += 1) {
      answers.push(windows.take('a', 20));
      await settled();
    }
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(20);
    expect(world.errors).toBeGreaterThan(0);
    world.isDown = false;
    world.clock.now += WINDOW_MS;
    expect(windows.take('a', 20)).toBeUndefined();
  });
});
