import type { AnswerHeaders } from '../../platform/guarded-fetch.js';
import { AppError } from '../../schema/errors.js';

/** Statuses by which a server says that the same request may succeed later, beside all from 500 on. */
const passing = new Set([408, 425, 429]);

const sentences: Readonly<Record<number, string>> = {
  401: 'The source asks for credentials.',
  403: 'The source may not be read by everybody.',
  404: 'There is no file at this address.',
  410: 'There is no file at this address any more.',
  429: 'The source has been asked too often.',
  451: 'The source may not be read for legal reasons.',
};

/**
 * What an answer without a file means: SOURCE_UNREACHABLE where asking again may help, SOURCE_FORBIDDEN
 * where only another address will. A missing file is of the second kind: who reads this has to look at the
 * address, and an answer after all attempts would only come later.
 */
export function refusedAnswer(status: number): AppError {
  const mayPass = passing.has(status) || status >= 500 || (status >= 200 && status < 300);
  const message = sentences[status] ?? `The source answers with status ${status} instead of a file.`;
  return new AppError(mayPass ? 'SOURCE_UNREACHABLE' : 'SOURCE_FORBIDDEN', { message });
}

/** How long a server asks to be left alone (RFC 9110 section 10.2.3), milliseconds; 0 where it does not say. */
export function retryAfterMs(headers: AnswerHeaders, now: number): number {
  const text = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
