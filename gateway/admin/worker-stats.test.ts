import { describe, expect, it } from '@jest/globals';
import type { Worker } from '../../schema/worker.js';
import { type ClaimedJob, consumerStats, percentOf, workerStats } from './worker-stats.js';

const worker = (id: string, change: Partial<Worker> = {}): Worker => ({
  ...{ _id: id, host: 'here', pid: 1, startedAt: new Date(0), aliveUntil: new Date(0) },
  ...{ slots: 3, busy: 2, minSlots: 1, maxSlots: 4 },
  ...change,
});
const decision = (at: number, reason: string) => ({ at: new Date(at), from: 2, to: 3, reason });

describe('a worker', () => {
  it('shows its consumers, its last decision and what it is at', () => {
    const job = {
      ...{ _id: 'job_a', videoId: 'video_a', kind: 'CHUNK', attempt: 2, framesDone: 25 },
      chunk: { chunkIndex: 3, part: 'LEAD', frames: 100 },
      runs: [{ startedAt: new Date(1) }, { startedAt: new Date(2) }],
    } as unknown as ClaimedJob;
    expect(
      workerStats(worker('w', { isDraining: true, decision: decision(5, 'much to do') }), [job]),
    ).toEqual({
      ...{ id: 'w', host: 'here', pid: 1, startedAt: new Date(0) },
      ...{ consumers: 3, busy: 2, min: 1, max: 4, draining: true },
      lastDecision: { workerId: 'w', host: 'here', at: new Date(5), from: 2, to: 3, reason: 'much to do' },
      jobs: [
        {
          ...{ jobId: 'job_a', videoId: 'video_a', kind: 'CHUNK', attempt: 2, chunkIndex: 3, part: 'LEAD' },
          ...{ percent: 25, framesPerSecond: null, startedAt: new Date(2) },
        },
      ],
    });
  });

  it('that reports no bounds has those of now', () => {
    const { minSlots: _min, maxSlots: _max, ...old } = worker('w');
    expect(workerStats(old as Worker, [])).toMatchObject({ min: 3, max: 3, draining: false });
  });

  it('tells no percentage where frames say nothing, and never more than all', () => {
    const chunk = { chunkIndex: 0, part: 'ALL' as const, trackNames: [], seconds: 4, frames: 100 };
    expect(percentOf({ framesDone: 5 })).toBeNull();
    expect(percentOf({ framesDone: 5, chunk: { ...chunk, frames: 0 } })).toBeNull();
    expect(percentOf({ framesDone: 103, chunk })).toBe(100);
  });
});

describe('the consumers of all workers', () => {
  it('are their sums, with the decisions from the newest on', () => {
    const workers = [
      workerStats(worker('a', { decision: decision(1, 'old') }), []),
      workerStats(worker('b', { busy: 0, decision: decision(9, 'new') }), []),
      workerStats(worker('c'), []),
    ];
    const stats = consumerStats(workers);
    expect(stats).toMatchObject({ active: 9, busy: 4, min: 3, max: 12, lastDecision: { reason: 'new' } });
    expect(stats.lastDecisions.map(({ workerId }) => workerId)).toEqual(['b', 'a']);
    expect(consumerStats([])).toMatchObject({ active: 0, lastDecision: null, lastDecisions: [] });
  });
});
