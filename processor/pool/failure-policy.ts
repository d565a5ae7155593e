import type { AppError, ErrorCode } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';

export type FailureDecision = { action: 'retry'; delayMs: number } | { action: 'fail'; code: ErrorCode };

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/** A short count may be the connection's fault once; the same again is the file's. */
const MAX_FAILURES_TRUNCATED = 2;

/**
 * What becomes of a job that failed `failures` times, this time included: permanent errors fail it at
 * once, others are retried with exponential backoff and full jitter until `maxFailures`.
 * @param options.random from [0, 1)
 */
export function decideFailure(options: {
  error: AppError;
  failures: number;
  maxFailures: number;
  random: number;
}): FailureDecision {
  const { error, failures, maxFailures, random } = options;
  if (failures >= allowedFailures(error, maxFailures)) return { action: 'fail', code: error.code };
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return { action: 'retry', delayMs: Math.ceil(random * ceiling) };
}

function allowedFailures({ code, retryable }: AppError, maxFailures: number): number {
  if (code === 'MEDIA_TRUNCATED') return Math.min(MAX_FAILURES_TRUNCATED, maxFailures);
  return retryable ? maxFailures : 1;
}

/** Runs of a job that ended badly so far; one that was handed back in good order does not count. */
export const countFailures = ({ runs }: Pick<Job, 'runs'>): number =>
  runs.filter(({ outcome }) => outcome === 'FAILED' || outcome === 'LOST').length;
