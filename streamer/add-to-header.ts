import type { AnswerHeaders } from './stream-request.js';

/** Adds to a header that is a list (RFC 9110 section 5.6.1). */
export function addToHeader(headers: AnswerHeaders, name: string, value: string): void {
  const told = headers[name];
  headers[name] = told === undefined ? value : `${told}, ${value}`;
}
