import { describe, expect, it } from '@jest/globals';
import { type QueueCount, queueStats } from './queue-stats.js';

const now = new Date(100_000);
const counted = (organizationId: string, change: Partial<QueueCount> = {}): QueueCount => ({
  ...{ organizationId, isDue: true, count: 1, work: 10, oldest: new Date(90_000) },
  ...change,
});

describe('the figures of the queue', () => {
  it('are sums over all organizations, and those of each, the most work first', () => {
    const stats = queueStats(
      [
        counted('org_a', { count: 3, work: 30, oldest: new Date(70_000) }),
        counted('org_a', { isDue: false, count: 2, work: 5, oldest: undefined }),
        counted('org_b', { count: 4, work: 90 }),
      ],
      7,
      now,
    );
    expect(stats).toEqual({
      ...{ depth: 9, dueNow: 7, workSecondsQueued: 125, oldestWaitingSeconds: 30, lag: 7 },
      perOrganization: [
        { organizationId: 'org_b', depth: 4, dueNow: 4, workSecondsQueued: 90, oldestWaitingSeconds: 10 },
        { organizationId: 'org_a', depth: 5, dueNow: 3, workSecondsQueued: 35, oldestWaitingSeconds: 30 },
      ],
    });
  });

  it('know no age where nothing is due, and none below zero', () => {
    const later = counted('org_a', { isDue: false, oldest: new Date(0) });
    expect(queueStats([later], null, now)).toMatchObject({ depth: 1, dueNow: 0, oldestWaitingSeconds: null });
    const fromTheFuture = counted('org_a', { oldest: new Date(200_000) });
    expect(queueStats([fromTheFuture], null, now).oldestWaitingSeconds).toBe(0);
    expect(queueStats([], null, now)).toMatchObject({ depth: 0, workSecondsQueued: 0, perOrganization: [] });
  });

  it('show a hundred organizations and count all', () => {
    const many = Array.from({ length: 150 }, (_, index) => counted(`org_${index}`, { work: index }));
    const stats = queueStats(many, null, now);
    expect(stats.depth).toBe(150);
    expect(stats.perOrganization).toHaveLength(100);
    expect(stats.perOrganization[0]?.organizationId).toBe('org_149');
  });
});
