import { CMCD_SESSION_ID } from '../../schema/rest/stream-event-routes.js';

/**
 * What a player tells with its requests, as far as the stream log takes it: Common Media Client Data, CTA-5004
 * (version 1) and its version 2.
 */
export interface Cmcd {
  /** Session id. */
  sid?: string;
  /** The buffer ran empty since the request before. */
  bs?: boolean;
  /** Version 2: how long the last rebuffering took, milliseconds. */
  bsd?: number;
  /** Wanted at once: the player starts, seeks, or has nothing left to play. */
  su?: boolean;
  /** Bit rate that the requested file was encoded at, kilobits a second. */
  br?: number;
  /** Stream type: `v` for on demand, `l` for live. */
  st?: 'v' | 'l';
  /** Version 2: from the wish to play to the first picture, milliseconds; told once. */
  msd?: number;
}

/** Of a query, decoded, or of one header: what players send has a few hundred characters. */
const MAX_CHARS = 2_048;

/** One key of the list, with its value: a string in quotes, an inner list, or a plain item. */
const pairPattern = /\s*([a-z][\w.-]*)(?:=("[^"]*"|\([^)]*\)|[^,]*))?\s*(?:,|$)/gy;

/** Largest number that is believed: a day in milliseconds. */
const MAX_NUMBER = 86_400_000;

/**
 * The data of a request: the query parameter `CMCD`, else the four headers. undefined where there is none; what is
 * malformed or not known is passed over.
 */
export function readCmcd(
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Cmcd | undefined {
  const text = queryText(url) ?? headerText(headers);
  return text === undefined || text.length > MAX_CHARS ? undefined : parse(text);
}

function queryText(url: string): string | undefined {
  const query = url.indexOf('?');
  const at = query === -1 ? -1 : url.indexOf('CMCD=', query);
  if (at === -1 || (at !== query + 1 && url[at - 1] !== '&')) return undefined;
  const end = url.indexOf('&', at);
  const encoded = url.slice(at + 'CMCD='.length, end === -1 ? undefined : end);
  try {
    return encoded.length > 3 * MAX_CHARS ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

const headerNames = ['cmcd-session', 'cmcd-status', 'cmcd-request', 'cmcd-object'] as const;

function headerText(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const sent = headerNames.map((name) => headers[name]).filter((value) => typeof value === 'string');
  return sent.length === 0 ? undefined : sent.join(',');
}

function parse(text: string): Cmcd {
  const found: Cmcd = {};
  pairPattern.lastIndex = 0;
  while (pairPattern.lastIndex < text.length) {
    const [, key, value] = pairPattern.exec(text) ?? [];
    if (key === undefined) break;
    take(found, key, value);
  }
  return found;
}

function take(found: Cmcd, key: string, value: string | undefined): void {
  if (key === 'sid') {
    const sid = value?.replace(/^"(.*)"$/, '$1') ?? '';
    if (CMCD_SESSION_ID.test(sid)) found.sid = sid;
  } else if (key === 'bs' || key === 'su') {
    // A key without a value is true (RFC 8941 section 3.2).
    found[key] = value === undefined || value === '?1' || value.startsWith('(');
  } else if (key === 'st') {
    if (value === 'v' || value === 'l') found.st = value;
  } else if (key === 'br' || key === 'msd' || key === 'bsd') {
    const number = numberIn(value);
    if (number !== undefined) found[key] = number;
  }
}

/** Version 2 has inner lists where version 1 has integers: their first item. */
function numberIn(value = ''): number | undefined {
  const [, digits] = /^\(?(\d{1,9})(?:\.\d+)?(?:[;\s)]|$)/.exec(value) ?? [];
  const number = digits === undefined ? undefined : Number(digits);
  return number !== undefined && number <= MAX_NUMBER ? number : undefined;
}
