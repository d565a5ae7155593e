import { describe, expect, it } from '@jest/globals';
import { JobState, type ChunkTask } from '../../schema/job.js';
import { summarizeJobs, type ChunkJobFacts } from './summarize-jobs.js';

const chunk = (chunkIndex: number, part: ChunkTask['part'], trackNames: string[]): ChunkTask => ({
  chunkIndex,
  part,
  trackNames,
  frames: 100,
  seconds: 4,
});

const job = (facts: Partial<ChunkJobFacts>): ChunkJobFacts => ({
  state: JobState.QUEUED,
  cost: 1,
  framesDone: 0,
  ...facts,
});

describe('summarizeJobs', () => {
  it('weights work by its cost and counts a split chunk once', () => {
    const summary = summarizeJobs([
      job({ state: JobState.DONE, cost: 1, chunk: chunk(0, 'LEAD', ['v360', 'a0']) }),
      job({ cost: 3, chunk: chunk(0, 'REST', ['v1080']) }),
    ]);
    expect(summary.percent).toBe(24.75);
    expect(summary.tracks).toEqual([
      { name: 'v360', percent: 100 },
      { name: 'a0', percent: 100 },
      { name: 'v1080', percent: 0 },
    ]);
    expect(summary).toMatchObject({ workers: 0, speed: undefined, etaSeconds: undefined });
  });

  it('adds the speeds of all workers up to media seconds a second and tells when they are done', () => {
    const running = { state: JobState.CLAIMED, framesDone: 50, framesPerSecond: 50 };
    const summary = summarizeJobs([
      job({ ...running, workerId: 'worker_a', chunk: chunk(0, 'ALL', ['v360']) }),
      job({ ...running, workerId: 'worker_b', chunk: chunk(1, 'ALL', ['v360']) }),
    ]);
    // Each worker makes 50 frames of 25 a second: two seconds of media a second, and half is done.
    expect(summary).toMatchObject({ workers: 2, speed: 4, percent: 49.5, etaSeconds: 1 });
  });

  it('does not let a new start of FFmpeg throw the estimate about', () => {
    const starting = { state: JobState.CLAIMED, framesDone: 0, framesPerSecond: 0.25, workerId: 'worker_a' };
    const summary = summarizeJobs([job({ ...starting, chunk: chunk(0, 'ALL', ['v360']) })], 2);
    expect(summary.speed).toBeCloseTo(1.4, 1);
    expect(summary.etaSeconds).toBe(3);
  });

  it('does not count frames of a claim that was lost', () => {
    const lost = job({ state: JobState.QUEUED, framesDone: 90, chunk: chunk(0, 'ALL', ['v360']) });
    expect(summarizeJobs([lost]).percent).toBe(0);
  });
});
