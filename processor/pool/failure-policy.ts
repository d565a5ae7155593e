import type { AppError, ErrorCode } from '../../schema/errors.js';
import type { Job } from '../../schema/job.js';

export type FailureDecision = { action: 'retry'; delayMs: number } | { action: 'fail'; code: ErrorCode };

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/** A job that took its worker with it this often does so because of what it is. */
export const MAX_LOSSES = 3;

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
  const allowed = Math.min(error.maxFailures ?? maxFailures, maxFailures);
  if (failures >= allowed) return { action: 'fail', code: error.code };
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
  return { action: 'retry', delayMs: Math.ceil(random * ceiling) };
}

/** Runs of a job whose worker was never heard of again. */
export const countLosses = ({ runs }: Pick<Job, 'runs'>): number =>
  runs.filter(({ outcome }) => outcome === 'LOST').length;

/** Runs of a job that ended badly so far; one that was handed back in good order does not count. */
export const countFailures = ({ runs }: Pick<Job, 'runs'>): number =>
  runs.filter(({ outcome }) => outcome === 'FAILED' || outcome === 'LOST').length;
