import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../schema/job.js';
import { inOrderOfWork, jobTimeline } from './job-timeline.js';

const dispatching = { isPaused: false, hasWorkers: true };
const nowhere = () => {
  throw new Error('asked for a place that is not needed');
};
const chunk = (chunkIndex: number, part: 'ALL' | 'LEAD' | 'REST') => ({
  ...{ chunkIndex, part, trackNames: [], frames: 100, seconds: 8 },
});
const job = (change: Partial<Job>) =>
  ({
    ...{ _id: 'job_a', kind: 'CHUNK', generation: 1, state: 'DONE', jobClass: 'REST', priority: 'NORMAL' },
    ...{ cost: 12, attempt: 2, framesDone: 0, chunk: chunk(0, 'ALL'), createdAt: new Date(0), runs: [] },
    ...change,
  }) as unknown as Job;

describe('the timeline of a job', () => {
  it('has every attempt, with the speed of the one that made the chunk', () => {
    const runs = [
      {
        ...{ attempt: 1, workerId: 'a', startedAt: new Date(0), endedAt: new Date(1_000) },
        ...{ outcome: 'FAILED' as const, errorCode: 'INTERNAL' as const, frames: 40, framesPerSecond: 30 },
      },
      {
        ...{ attempt: 2, workerId: 'b', startedAt: new Date(2_000), endedAt: new Date(6_000) },
        ...{ outcome: 'DONE' as const, frames: 100, framesPerSecond: 25 },
      },
    ];
    const timeline = jobTimeline(job({ runs }), nowhere, dispatching);
    expect(timeline).toMatchObject({ id: 'job_a', attempts: 2, percent: 100, predictedSeconds: 12 });
    expect(timeline).toMatchObject({ queuePosition: null, waitsBecause: null, availableAt: null });
    expect(timeline.runs).toMatchObject([
      { outcome: 'FAILED', errorCode: 'INTERNAL', frames: 40, framesPerSecond: 30, speed: null },
      { outcome: 'DONE', errorCode: null, frames: 100, framesPerSecond: 25, speed: 2 },
    ]);
  });

  it('shows how far the attempt is that goes on', () => {
    const runs = [{ attempt: 2, workerId: 'b', startedAt: new Date(0) }];
    const claimed = job({ state: 'CLAIMED', framesDone: 60, framesPerSecond: 12, runs });
    const timeline = jobTimeline(claimed, nowhere, dispatching);
    expect(timeline.percent).toBe(60);
    expect(timeline.runs).toMatchObject([{ endedAt: null, outcome: null, frames: 60, framesPerSecond: 12 }]);
  });

  it('knows no frames of a plan', () => {
    const runs = [{ attempt: 1, workerId: 'b', startedAt: new Date(0) }];
    const plan = job({ kind: 'PLAN', state: 'CLAIMED', attempt: 1, chunk: undefined, runs });
    expect(jobTimeline(plan, nowhere, dispatching)).toMatchObject({
      ...{ percent: null, chunkIndex: null, part: null },
      runs: [{ frames: null, speed: null }],
    });
  });

  it('stands in the order of the work', () => {
    const jobs = [
      job({ kind: 'FINISH', chunk: undefined }),
      job({ chunk: chunk(10, 'ALL') }),
      job({ chunk: chunk(2, 'REST') }),
      job({ chunk: chunk(2, 'LEAD') }),
      job({ kind: 'PLAN', chunk: undefined }),
    ];
    const order = jobs.toSorted(inOrderOfWork).map((found) => [found.kind, found.chunk?.chunkIndex]);
    expect(order).toEqual([
      ['PLAN', undefined],
      ['CHUNK', 2],
      ['CHUNK', 2],
      ['CHUNK', 10],
      ['FINISH', undefined],
    ]);
    expect(jobs.toSorted(inOrderOfWork)[1]?.chunk?.part).toBe('LEAD');
  });
});
