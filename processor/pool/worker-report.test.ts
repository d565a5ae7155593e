import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { WorkerState } from './worker-registry.js';
import { createWorkerReport } from './worker-report.js';

function createFixture() {
  const orders = { isDraining: false, isPaused: false };
  const said: WorkerState[] = [];
  const pool = { woken: 0, slots: () => 2, busy: () => 1, wake: () => void (pool.woken += 1) };
  const report = createWorkerReport({
    registry: {
      report(state) {
        said.push(state);
        return Promise.resolve({ ...orders });
      },
    },
    scaling: { lastDecision: () => undefined },
    ...{ pool, limits: { min: 1, max: 4 }, log: pino({ level: 'silent' }) },
  });
  return { orders, said, pool, report };
}

describe('createWorkerReport', () => {
  it('lets jobs be claimed from the first report on', async () => {
    const { said, pool, report } = createFixture();
    expect(report.mayClaim()).toBe(false);
    await report.send();
    expect(report.mayClaim()).toBe(true);
    expect(pool.woken).toBe(1);
    expect(said).toEqual([{ slots: 2, busy: 1, minSlots: 1, maxSlots: 4 }]);
  });

  it.each(['isDraining', 'isPaused'] as const)(
    'stops claims with %s, and wakes the pool after it',
    async (order) => {
      const { orders, pool, report } = createFixture();
      orders[order] = true;
      await report.send();
      expect([report.mayClaim(), pool.woken]).toEqual([false, 0]);
      orders[order] = false;
      await report.send();
      await report.send();
      expect([report.mayClaim(), pool.woken]).toEqual([true, 1]);
    },
  );
});
