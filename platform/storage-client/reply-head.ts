/** Status and fields of a reply (RFC 9112 sections 4 and 5); names in lower case. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

const statusLine = /^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Reads what comes before a reply's empty line. Of a field that is there twice the last one counts, save for the length of
 * the body, of which there is one.
 * @throws Error for whatever is not the final reply of an HTTP/1.1 server
 */
export function parseReplyHead(text: string): ReplyHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, status] = statusLine.exec(first) ?? [];
  if (!status) throw new Error(`not a reply of HTTP/1.1: ${first.slice(0, 100)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new Error(`not a field of a reply: ${line.slice(0, 100)}`);
    const key = name.toLowerCase();
    if (key === 'content-length' && headers.has(key)) throw new Error('a reply says twice how long it is');
    headers.set(key, value);
  }
  return { status: Number(status), headers };
}

/** Bytes that follow a head; undefined where only they themselves tell (RFC 9112 section 6.3). @throws Error */
export function bodyLength({ status, headers }: ReplyHead, method: string): number | undefined {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  if (headers.has('transfer-encoding')) return undefined;
  const length = headers.get('content-length');
  if (length === undefined) return undefined;
  if (!/^\d{1,15}$/.test(length)) throw new Error(`not a length: ${length.slice(0, 100)}`);
  return Number(length);
}

/** Whether the connection may be used again (RFC 9112 section 9.3). */
export const isKept = ({ headers }: ReplyHead): boolean =>
  !/\bclose\b/i.test(headers.get('connection') ?? '');
