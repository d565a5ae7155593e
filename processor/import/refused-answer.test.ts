import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { refusedAnswer, retryAfterMs } from './refused-answer.js';

const now = Date.parse('Thu, 26 Nov 2026 12:00:00 GMT');
const wait = (text?: string) => retryAfterMs({ 'retry-after': text }, now);

describe('an answer without a file', () => {
  it('is final where only another address helps', () => {
    for (const status of [300, 304, 400, 401, 403, 404, 405, 407, 410, 416, 451])
      expect(refusedAnswer(status).code).toBe('SOURCE_FORBIDDEN');
  });

  it('may pass otherwise', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 500, max: 999 }), fc.constantFrom(202, 204, 206, 408, 425, 429)),
        (status) => {
          expect(refusedAnswer(status).code).toBe('SOURCE_UNREACHABLE');
        },
      ),
    );
  });
});

describe('the time to leave a source alone', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Thu, 26 Nov 2026 12:01:00 GMT', 60_000],
    ['Thu, 26 Nov 2026 11:00:00 GMT', 0],
  ])('is read from %j', (text, ms) => {
    expect(wait(text)).toBe(ms);
  });

  it('is none where nothing sensible is said', () => {
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), (text) => {
        const ms = wait(text);
        return Number.isFinite(ms) && ms >= 0;
      }),
    );
    for (const text of [undefined, 'soon', '-1', '1.5', '9'.repeat(12)]) expect(wait(text)).toBe(0);
  });
});
