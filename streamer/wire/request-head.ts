import { maxHeaderSize } from 'node:http';

/** What a request without a body says before its end. */
export interface RequestHead {
  method: 'GET' | 'HEAD';
  /** Path and query, as they were sent. */
  url: string;
  /** By names in small letters. */
  headers: Readonly<Record<string, string>>;
}

const requestLine = /^(GET|HEAD) (\/stream\/[!-~]+) HTTP\/1\.1$/;
const fieldLine = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t -~\x80-\xff]*$/;

const CRLF = '\r\n';
const END = CRLF + CRLF;

/**
 * They announce a body, another protocol, or that somebody waits for a word before the answer. The last two are no texts
 * in Node's headers: a list, and nothing at all.
 */
const notPlain = [
  ...['content-length', 'transfer-encoding', 'upgrade', 'expect', 'trailer'],
  ...['set-cookie', '__proto__'],
];

/**
 * Reads what is exactly one whole request for a published file (RFC 9112), in the form that players send. undefined for
 * whatever else there is, well-formed or not: half a request or two of them, other methods, paths and versions, bodies, a
 * connection that is not to be kept, a field that comes twice. That is for a parser that knows all of HTTP; here is
 * nothing to be lenient about, so nobody can read the same bytes in another way.
 */
export function readRequestHead(bytes: Buffer): RequestHead | undefined {
  if (bytes.length > maxHeaderSize) return undefined;
  const text = bytes.toString('latin1');
  const end = text.indexOf(END);
  if (end === -1 || end !== text.length - END.length) return undefined;
  const [first = '', ...fields] = text.slice(0, end).split(CRLF);
  const [, method, url] = requestLine.exec(first) ?? [];
  const headers = url === undefined ? undefined : readFields(fields);
  if (!headers || url === undefined || !isPlain(headers)) return undefined;
  return { method: method as RequestHead['method'], url, headers };
}

function readFields(lines: readonly string[]): Record<string, string> | undefined {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    if (!fieldLine.test(line)) return undefined;
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (name in headers) return undefined;
    headers[name] = trimmed(line, colon + 1);
  }
  return headers;
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t';

/** Without the white space around a value (RFC 9110 section 5.6.3), and no other. */
function trimmed(line: string, from: number): string {
  let [start, end] = [from, line.length];
  while (start < end && isBlank(line[start])) start += 1;
  while (end > start && isBlank(line[end - 1])) end -= 1;
  return line.slice(start, end);
}

function isPlain(headers: Readonly<Record<string, string>>): boolean {
  if (headers.host === undefined || notPlain.some((name) => name in headers)) return false;
  return headers.connection === undefined || headers.connection.toLowerCase() === 'keep-alive';
}
