import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
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
  let opened = 0;
  let closed = 0;
  let mostOpen = 0;
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
      opened += 1;
      mostOpen = Math.max(mostOpen, opened - closed);
      await joined;
      return {
        async close() {
          await nextTurn();
          closed += 1;
        },
      };
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
    finish: (id: string) => {
      running.get(id)?.();
      running.delete(id);
    },
    running: () => [...running.keys()],
    closedConsumers: () => closed,
    openConsumers: () => opened - closed,
    mostOpenConsumers: () => mostOpen,
  };
}

/** Everything that can go on by itself has. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
};

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
    await settled();
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

  it('does not wait for ever for a group that lets nobody leave', async () => {
    let asked = 0;
    const close = () => new Promise<void>(() => (asked += 1));
    const pool = createPool({
      ...{ size: 2, log, leaveMs: 1, work: () => Promise.resolve() },
      claim: () => Promise.resolve(undefined),
      openConsumer: () => Promise.resolve({ close }),
    });
    pool.start();
    await settled();
    await pool.close();
    expect(asked).toBe(2);
  });
});

describe('resizing a pool', () => {
  it('takes what waits with the slots it adds, each with a consumer of its own', async () => {
    const { pool, queued, startedCount, openConsumers } = createFixture(1);
    queued.push('a', 'b', 'c');
    pool.start();
    expect(await startedCount(1)).toEqual(['a']);
    expect(openConsumers()).toBe(1);
    pool.resize(3);
    expect(await startedCount(3)).toEqual(['a', 'b', 'c']);
    expect(openConsumers()).toBe(3);
  });

  it('lets free slots go at once and busy ones after their job, which claim nothing more', async () => {
    const { pool, queued, hint, finish, started, startedCount, openConsumers } = createFixture(3);
    queued.push('a', 'b');
    pool.start();
    await startedCount(2);
    await settled();
    pool.resize(1);
    await settled();
    expect([pool.target(), pool.slots(), pool.busy(), openConsumers()]).toEqual([1, 2, 2, 2]);
    queued.push('c', 'd');
    hint();
    finish('a');
    finish('b');
    await settled();
    expect(started).toEqual(['a', 'b', 'c']);
    expect([pool.slots(), pool.busy(), openConsumers()]).toEqual([1, 1, 1]);
  });

  it('keeps a slot that is wanted again before it is gone', async () => {
    const { pool, queued, finish, started, startedCount, openConsumers, closedConsumers } = createFixture(2);
    queued.push('a', 'b');
    pool.start();
    await startedCount(2);
    pool.resize(1);
    pool.resize(2);
    queued.push('c', 'd');
    finish('a');
    finish('b');
    expect(await startedCount(4)).toEqual(['a', 'b', 'c', 'd']);
    expect([openConsumers(), closedConsumers()]).toEqual([2, 0]);
    expect(started).toHaveLength(4);
  });

  it('does every job once, whatever comes and goes meanwhile, with one consumer a slot', async () => {
    const MAX = 5;
    const step = fc.oneof(
      fc.record({ kind: fc.constant('resize' as const), n: fc.integer({ min: 1, max: MAX }) }),
      fc.record({ kind: fc.constant('queue' as const), n: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('finish' as const), n: fc.nat(MAX) }),
      fc.record({ kind: fc.constant('turn' as const), n: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const fixture = createFixture(2);
        const { pool, queued, hint, finish, running, started } = fixture;
        let jobs = 0;
        pool.start();
        for (const { kind, n } of steps) {
          if (kind === 'resize') pool.resize(n);
          if (kind === 'queue') {
            queued.push(...Array.from({ length: n }, () => `job ${(jobs += 1)}`));
            hint();
          }
          if (kind === 'finish') finish(running()[n] ?? '');
          if (kind === 'turn') await nextTurn();
        }
        await settled();
        while (running().length > 0) {
          expect(running().length).toBeLessThanOrEqual(MAX);
          for (const id of running()) finish(id);
          await settled();
        }
        expect(started.toSorted()).toEqual(
          Array.from({ length: jobs }, (_, at) => `job ${at + 1}`).toSorted(),
        );
        expect(fixture.openConsumers()).toBe(pool.target());
        expect(fixture.mostOpenConsumers()).toBeLessThanOrEqual(MAX);
        expect(pool.slots()).toBe(pool.target());
        await pool.close();
        expect(fixture.openConsumers()).toBe(0);
      }),
    );
  });
});
