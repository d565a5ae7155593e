import { expect, it } from '@jest/globals';
import { createWorkQueue } from './work-queue.js';

it('runs everything in order, a bounded number at once', async () => {
  const queue = createWorkQueue(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  for (let n = 0; n < 6; n += 1) {
    queue.add(async () => {
      order.push(n);
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
  }
  await queue.settled();
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

it('starts nothing more after a failure, and keeps the first one', async () => {
  const queue = createWorkQueue(1);
  const done: string[] = [];
  const first = new Error('first');
  queue.add(() => Promise.reject(first));
  queue.add(() => Promise.resolve(void done.push('second')));
  await queue.settled();
  queue.add(() => Promise.resolve(void done.push('third')));
  await queue.settled();
  expect(queue.failed.reason).toBe(first);
  expect(done).toEqual([]);
});

it('is settled when there is nothing to do', async () => {
  await expect(createWorkQueue(1).settled()).resolves.toBeUndefined();
});
