import { describe, expect, it } from '@jest/globals';
import { createCpuLoad, type CpuTime } from './cpu-load.js';

/** A machine that has spent a second of one core in each interval, as busy as the shares say. */
function createMachine(shares: readonly number[]): () => CpuTime {
  const time = { busy: 0, total: 0 };
  const left = [0, ...shares];
  return () => {
    time.busy += left.shift() ?? 0;
    time.total += 1;
    return { ...time };
  };
}

describe('createCpuLoad', () => {
  it('tells what was used since the last call', () => {
    const load = createCpuLoad(createMachine([0.5, 0.75]));
    expect(load()).toBeCloseTo(0.5);
    expect(load()).toBeCloseTo(0.75);
  });

  it('does not take a short pause for room', () => {
    const load = createCpuLoad(createMachine([1, 1, 1, 1, 0]));
    for (let call = 0; call < 4; call += 1) load();
    expect(load()).toBeCloseTo(0.8);
  });

  it('forgets what is long over', () => {
    const load = createCpuLoad(createMachine([1, 1, 0, 0, 0, 0, 0, 0, 0]));
    for (let call = 0; call < 8; call += 1) load();
    expect(load()).toBe(0);
  });

  it('is nothing where the machine does not say', () => {
    expect(createCpuLoad(() => ({ busy: 0, total: 0 }))()).toBe(0);
  });

  it('reads the real machine', () => {
    const load = createCpuLoad()();
    expect(load).toBeGreaterThanOrEqual(0);
    expect(load).toBeLessThanOrEqual(1);
  });
});
