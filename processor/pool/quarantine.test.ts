import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../schema/job.js';
import { createQuarantine } from './quarantine.js';

const job = (_id: string, ...outcomes: string[]): Job =>
  ({ _id, runs: outcomes.map((outcome) => ({ outcome })) }) as unknown as Job;

/** A queue that hands out its jobs in order, a turn of the event loop after it was asked. */
function queueOf(...waiting: Job[]) {
  const isSuspect = ({ runs }: Job) => runs.some(({ outcome }) => outcome === 'LOST');
  return {
    waiting,
    claim: async ({ withSuspects }: { withSuspects: boolean }) => {
      await new Promise(setImmediate);
      const index = waiting.findIndex((each) => withSuspects || !isSuspect(each));
      return index < 0 ? undefined : waiting.splice(index, 1)[0];
    },
  };
}

describe('a process', () => {
  it('works on one suspect at a time, whoever claims at once', async () => {
    const queue = queueOf(
      job('s1', 'LOST'),
      job('s2', 'LOST'),
      job('a'),
      job('b', 'FAILED'),
      job('s3', 'LOST'),
    );
    const quarantine = createQuarantine(queue);
    const claimed = await Promise.all(Array.from({ length: 4 }, () => quarantine.claim('PROCESS')));
    expect(claimed.map((each) => each?._id)).toEqual(['s1', 'a', 'b', undefined]);
    expect(queue.waiting.map(({ _id }) => _id)).toEqual(['s2', 's3']);
  });

  it('takes the next suspect when the one before has ended, and not for the end of another job', async () => {
    const quarantine = createQuarantine(queueOf(job('s1', 'LOST'), job('a'), job('s2', 'LOST')));
    const [s1, a] = [await quarantine.claim('PROCESS'), await quarantine.claim('PROCESS')];
    if (!s1 || !a) throw new Error('nothing was claimed');
    quarantine.release(a);
    expect(await quarantine.claim('PROCESS')).toBeUndefined();
    quarantine.release(s1);
    expect((await quarantine.claim('PROCESS'))?._id).toBe('s2');
  });

  it('claims again after a claim that failed', async () => {
    let calls = 0;
    const quarantine = createQuarantine({
      claim: () =>
        (calls += 1) === 1 ? Promise.reject(new Error('no database')) : Promise.resolve(job('a')),
    });
    await expect(quarantine.claim('PROCESS')).rejects.toThrow('no database');
    expect((await quarantine.claim('PROCESS'))?._id).toBe('a');
  });
});
