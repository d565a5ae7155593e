import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { createThrottle } from './throttle.js';

const limits = { name: 'sign-in', perAccount: 2, perAddress: 4, windowSeconds: 60 };
const throttle = () => createThrottle({ ...limits, limiter: (options) => new RateLimiterMemory(options) });
const limited = (retryAfterSeconds: number) =>
  expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterSeconds } });

describe('attempts', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('on an account end at its limit, from wherever they come, until the time is over', async () => {
    const attempts = throttle();
    await attempts.attempt({ account: 'ada', address: '192.0.2.1' });
    await attempts.attempt({ account: 'ada', address: '192.0.2.2' });
    jest.advanceTimersByTime(20_000);
    await expect(attempts.attempt({ account: 'ada', address: '192.0.2.3' })).rejects.toEqual(limited(40));
    await attempts.attempt({ account: 'bob', address: '192.0.2.3' });
    jest.advanceTimersByTime(40_000);
    await attempts.attempt({ account: 'ada', address: '192.0.2.3' });
  });

  it('from an address end at its limit, on whichever accounts, and use up none after that', async () => {
    const attempts = throttle();
    const address = '2001:db8::1';
    for (const account of ['a', 'b', 'c', 'd']) await attempts.attempt({ account, address });
    for (let time = 0; time < 5; time += 1) {
      await expect(attempts.attempt({ account: 'ada', address: '2001:db8::2' })).rejects.toEqual(limited(60));
    }
    await attempts.attempt({ account: 'ada', address: '192.0.2.1' });
    await attempts.attempt({ account: 'ada', address: '192.0.2.1' });
  });

  it('that succeed are not counted', async () => {
    const attempts = throttle();
    for (let time = 0; time < 20; time += 1) {
      const ofAda = { account: 'ada', address: '192.0.2.1' };
      await attempts.attempt(ofAda);
      await attempts.forgive(ofAda);
    }
    await attempts.attempt({ account: 'ada', address: '192.0.2.1' });
  });

  it('by nobody in particular are not limited', async () => {
    const attempts = throttle();
    for (let time = 0; time < 20; time += 1) await attempts.attempt({});
  });

  it('fail where they cannot be counted', async () => {
    const broken = new RateLimiterMemory({ points: 1, duration: 1 });
    broken.consume = () => Promise.reject(new Error('broken'));
    const attempts = createThrottle({ ...limits, limiter: () => broken });
    await expect(attempts.attempt({ account: 'ada' })).rejects.toThrow('broken');
  });
});
