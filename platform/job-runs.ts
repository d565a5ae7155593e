import type { ErrorCode } from '../schema/errors.js';
import type { RunOutcome } from '../schema/job.js';

/**
 * The `runs` of a job with the last one ended, as an aggregation expression: how it ended, by the
 * database's clock, and how far it had come.
 */
export function endLastRun(outcome: RunOutcome, errorCode?: ErrorCode): object {
  const end = {
    endedAt: '$$NOW',
    outcome,
    frames: '$framesDone',
    framesPerSecond: '$framesPerSecond',
    ...(errorCode && { errorCode }),
  };
  const last = { $mergeObjects: [{ $last: '$runs' }, end] };
  const before = { $slice: ['$runs', { $max: [{ $subtract: [{ $size: '$runs' }, 1] }, 0] }] };
  // `$slice` refuses a length of 0.
  const kept = { $cond: [{ $gt: [{ $size: '$runs' }, 1] }, before, []] };
  return { $concatArrays: [kept, [last]] };
}

/** What a job that nobody works on does not have. */
export const idle = {
  workerId: '$$REMOVE',
  leaseUntil: '$$REMOVE',
  framesPerSecond: '$$REMOVE',
  framesDone: 0,
};
