import { expect, it } from '@jest/globals';
import type { Database } from '../../platform/mongo.js';
import { AppError } from '../../schema/errors.js';
import type { Job, JobKind } from '../../schema/job.js';
import { quietLog } from '../../test/support/test-database.js';
import type { JobStore } from './job-store.js';
import { createJobRunner } from './run-job.js';

/** A runner whose every job fails for good; `ended` says what each failure has ended. */
function failingRunner() {
  const ended: string[] = [];
  const note = (what: string) => () => Promise.resolve(void ended.push(what));
  const fail = () => Promise.reject(new AppError('UNSUPPORTED_MEDIA'));
  const runner = createJobRunner({
    db: { transaction: (work: (session: unknown) => unknown) => work(undefined) } as unknown as Database,
    store: {
      renew: () => Promise.resolve(true),
      fail: note('job'),
      failLost: note('job'),
    } as unknown as JobStore,
    queue: { hint: () => Promise.resolve() },
    tracker: { refresh: () => Promise.resolve() },
    generations: {
      end: async () => note('generation')().then(() => undefined),
      announceEnd: () => Promise.resolve(),
    },
    deadLetters: { addFailure: () => Promise.resolve() },
    handlers: { PLAN: fail, CHUNK: fail, FINISH: fail, CAPTIONS: fail },
    failures: { CAPTIONS: note('captions') },
    leaseSeconds: 10,
    maxFailures: 3,
    stopping: new AbortController().signal,
    counter: { inc: () => undefined },
    log: quietLog,
  });
  return { runner, ended };
}

const jobOf = (kind: JobKind, runs: Partial<Job['runs'][number]>[] = []) =>
  ({ _id: 'job_1', kind, videoId: 'video_1', generation: 1, attempt: 1, runs }) as Job;

it.each([
  ['CHUNK', ['job', 'generation']],
  ['CAPTIONS', ['job', 'captions']],
] as const)('%s that fails for good, or takes its workers with it, ends %j', async (kind, expected) => {
  const { runner, ended } = failingRunner();
  await runner.run(jobOf(kind));
  expect(ended).toEqual(expected);
  await runner.recover(jobOf(kind, [{ outcome: 'LOST' }, { outcome: 'LOST' }]));
  expect(ended).toEqual([...expected, ...expected]);
});
