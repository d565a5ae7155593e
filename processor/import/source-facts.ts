import type { AnswerHeaders, OutsideAnswer } from '../../platform/guarded-fetch.js';

/** What the first answer says of a source; none of it is believed without need. */
export interface SourceFacts {
  /** As announced; absent where it is not, or means encoded bytes. */
  totalBytes?: number;
  /** Strong entity tag. */
  etag?: string;
  lastModified?: string;
  /** What a later request can be made conditional on (RFC 9110 section 13.1.5). */
  validator?: string;
  /** Whether a later request may ask for the rest alone. */
  canResume: boolean;
}

/** An answer, as far as it is looked at here. */
export type AnswerHead = Pick<OutsideAnswer, 'status' | 'headers'>;

interface ContentRange {
  start: number;
  end: number;
  totalBytes?: number;
}

const LAST_MODIFIED_IS_STRONG_AFTER_MS = 1_000;

/** RFC 9110 section 14.4; undefined for anything that does not name a range of bytes. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const [, start, end, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text?.trim() ?? '') ?? [];
  if (start === undefined || end === undefined || total === undefined) return undefined;
  const range = { start: Number(start), end: Number(end) };
  if (range.end < range.start) return undefined;
  if (total === '*') return range;
  return Number(total) > range.end ? { ...range, totalBytes: Number(total) } : undefined;
}

function strongTag(headers: AnswerHeaders): string | undefined {
  const etag = headers['etag'];
  return etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : undefined;
}

/** A date is a strong validator once the file could no longer change unseen (RFC 9110 section 8.8.2.2). */
function strongDate({ date = '', 'last-modified': modified = '' }: AnswerHeaders): string | undefined {
  const ageMs = Date.parse(date) - Date.parse(modified);
  return ageMs >= LAST_MODIFIED_IS_STRONG_AFTER_MS ? modified : undefined;
}

const lengthOf = (headers: AnswerHeaders): number | undefined => {
  const text = headers['content-length'] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
};

/** What is known of a source once it began to answer from its first byte on. */
export function sourceFacts({ headers }: AnswerHead, isEncoded: boolean): SourceFacts {
  if (isEncoded) return { canResume: false };
  const etag = strongTag(headers);
  const lastModified = headers['last-modified'];
  const totalBytes = lengthOf(headers);
  const validator = etag ?? strongDate(headers);
  return {
    ...{ totalBytes, etag, lastModified, validator },
    // Where nothing tells one version from another, the length at least has to be the same.
    canResume: headers['accept-ranges'] !== 'none' && (validator !== undefined || totalBytes !== undefined),
  };
}

/** Whether an answer goes on exactly where `offset` bytes of the same source have come. */
export function continues(facts: SourceFacts, offset: number, { status, headers }: AnswerHead): boolean {
  const range = status === 206 ? parseContentRange(headers['content-range']) : undefined;
  if (range?.start !== offset) return false;
  const { totalBytes, etag, lastModified } = facts;
  const isSame = (known: unknown, now: unknown): boolean =>
    known === undefined || now === undefined || known === now;
  return (
    isSame(totalBytes, range.totalBytes) &&
    isSame(etag, headers['etag']) &&
    isSame(lastModified, headers['last-modified'])
  );
}

/** Headers of a request for a source from `offset` on. */
export function requestHeaders(facts: SourceFacts | undefined, offset: number): Record<string, string> {
  const headers = { 'accept-encoding': 'identity', 'user-agent': 'StreamPlus', accept: '*/*' };
  if (offset === 0) return headers;
  const rest = { ...headers, range: `bytes=${offset}-` };
  return facts?.validator === undefined ? rest : { ...rest, 'if-range': facts.validator };
}
