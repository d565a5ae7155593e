import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../schema/errors.js';
import { decideFailure } from './failure-policy.js';

const transient = new AppError('SOURCE_UNREACHABLE');

describe('decideFailure', () => {
  it('fails what no retry can mend at once', () => {
    const error = new AppError('UNSUPPORTED_MEDIA');
    expect(decideFailure({ error, failures: 1, maxFailures: 5, random: 0.5 })).toEqual({
      action: 'fail',
      code: 'UNSUPPORTED_MEDIA',
    });
  });

  it('reads a source that came short once more before it blames the file', () => {
    const error = new AppError('MEDIA_TRUNCATED');
    expect(decideFailure({ error, failures: 1, maxFailures: 5, random: 0.5 }).action).toBe('retry');
    expect(decideFailure({ error, failures: 2, maxFailures: 5, random: 0.5 }).action).toBe('fail');
  });

  it('gives up after the last allowed failure', () => {
    expect(decideFailure({ error: transient, failures: 5, maxFailures: 5, random: 0.5 }).action).toBe('fail');
    expect(decideFailure({ error: transient, failures: 4, maxFailures: 5, random: 0.5 }).action).toBe(
      'retry',
    );
  });

  it('waits between nothing and twice as long each time, never over a minute', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const decision = decideFailure({ error: transient, failures, maxFailures: 100, random });
          if (decision.action !== 'retry') throw new Error('expected a retry');
          expect(decision.delayMs).toBeGreaterThanOrEqual(0);
          expect(decision.delayMs).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** (failures - 1)));
        },
      ),
    );
  });
});
