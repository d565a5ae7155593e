import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Job } from '../../schema/job.js';
import type { JobProgress } from './job-store.js';
import { holdLease } from './lease.js';

const job = { _id: 'job_1', attempt: 1 } as Job;
const log = pino({ level: 'silent' });
const LEASE_SECONDS = 9;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function hold(renew: (progress?: JobProgress) => Promise<boolean>) {
  const renewals: (JobProgress | undefined)[] = [];
  let stored = 0;
  const lease = holdLease({
    job,
    leaseSeconds: LEASE_SECONDS,
    stopping: new AbortController().signal,
    log,
    store: {
      renew: (_claim, progress) => {
        renewals.push(progress);
        return renew(progress);
      },
    },
    onStored: () => Promise.resolve(void (stored += 1)),
  });
  return { lease, renewals, stored: () => stored };
}

describe('holdLease', () => {
  it('renews every third of the lease, and every second while there is progress', async () => {
    const { lease, renewals, stored } = hold(() => Promise.resolve(true));
    await jest.advanceTimersByTimeAsync(6_000);
    expect(renewals).toEqual([undefined, undefined]);
    lease.report({ framesDone: 1, framesPerSecond: 1 });
    lease.report({ framesDone: 2, framesPerSecond: 1 });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(renewals.at(-1)).toEqual({ framesDone: 2, framesPerSecond: 1 });
    expect(stored()).toBe(1);
    expect(lease.signal.aborted).toBe(false);
    await lease.stop();
  });

  it('aborts the work when somebody else holds the job', async () => {
    const { lease } = hold(() => Promise.resolve(false));
    await jest.advanceTimersByTimeAsync(3_000);
    expect(lease.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    await lease.stop();
  });

  it('outlives a short outage of the database, and aborts when the lease must have run out', async () => {
    const { lease } = hold(() => Promise.reject(new Error('no primary')));
    await jest.advanceTimersByTimeAsync(8_000);
    expect(lease.signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(lease.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    await lease.stop();
  });

  it('renews no more once it is stopped', async () => {
    const { lease, renewals } = hold(() => Promise.resolve(true));
    await lease.stop();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(renewals).toEqual([]);
  });
});
