import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Job } from '../../schema/job.js';
import { createPool } from './pool.js';

const log = pino({ level: 'silent' });

/** A queue of named jobs, and work that ends when the test says so. */
function createFixture(size: number, joined: Promise<void> = Promise.resolve()) {
  const queued: string[] = [];
  const running = new Map<string, () => void>();
  const started: string[] = [];
  let onHint: () => void = () => undefined;
  let closed = 0;
  const changes = new EventTarget();

  const pool = createPool({
    size,
    log,
    claim: () => Promise.resolve(queued.length > 0 ? ({ _id: queued.shift() } as Job) : undefined),
    work: ({ _id }) =>
      new Promise((resolve) => {
        started.push(_id);
        running.set(_id, resolve);
        changes.dispatchEvent(new Event('change'));
      }),
    openConsumer: async (hint) => {
      onHint = hint;
      await joined;
      return { close: () => Promise.resolve(void (closed += 1)) };
    },
  });

  const startedCount = async (count: number) => {
    while (started.length < count) {
      await new Promise((resolve) => changes.addEventListener('change', resolve, { once: true }));
    }
    return started.slice(0, count);
  };
  return {
    pool,
    queued,
    started,
    startedCount,
    hint: () => onHint(),
    finish: (id: string) => running.get(id)?.(),
    closedConsumers: () => closed,
  };
}

describe('createPool', () => {
  it('fills every slot from a single hint', async () => {
    const { pool, queued, hint, startedCount } = createFixture(3);
    pool.start();
    queued.push('a', 'b', 'c', 'd');
    hint();
    expect(await startedCount(3)).toEqual(['a', 'b', 'c']);
    expect(pool.busy()).toBe(3);
  });

  it('neither works nor closes later for consumers that have not joined their group', async () => {
    const joining = Promise.withResolvers<void>();
    const { pool, queued, finish, startedCount, closedConsumers } = createFixture(2, joining.promise);
    queued.push('a');
    pool.start();
    expect(await startedCount(1)).toEqual(['a']);
    finish('a');
    await pool.close();
    expect(closedConsumers()).toBe(0);
    joining.resolve();
    await new Promise(setImmediate);
    expect(closedConsumers()).toBe(2);
  });

  it('takes the next job as soon as one ends, without another hint', async () => {
    const { pool, queued, hint, finish, startedCount } = createFixture(1);
    pool.start();
    queued.push('a', 'b');
    hint();
    await startedCount(1);
    finish('a');
    expect(await startedCount(2)).toEqual(['a', 'b']);
  });

  it('does not forget a hint that came while every slot was busy', async () => {
    const { pool, queued, hint, finish, startedCount } = createFixture(1);
    pool.start();
    queued.push('a');
    hint();
    await startedCount(1);
    queued.push('late');
    hint();
    finish('a');
    expect(await startedCount(2)).toEqual(['a', 'late']);
  });

  it('claims nothing more once it closes, waits for running work, then closes its consumers', async () => {
    const { pool, queued, hint, finish, started, startedCount, closedConsumers } = createFixture(2);
    pool.start();
    queued.push('a');
    hint();
    await startedCount(1);
    const closing = pool.close();
    queued.push('never');
    hint();
    expect(closedConsumers()).toBe(0);
    finish('a');
    await closing;
    expect(started).toEqual(['a']);
    expect(closedConsumers()).toBe(2);
  });
});
