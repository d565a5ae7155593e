import { promisify } from 'node:util';
import { isPromise } from 'node:util/types';
import { gzip, gzipSync } from 'node:zlib';
import type { Body } from '../platform/memory/body.js';
import type { HlsFileKind } from '../schema/blob-paths.js';
import { acceptsGzip } from './accept-encoding.js';
import { addToHeader } from './add-to-header.js';
import { ifRangeHolds, noneMatchNames, parseRange } from './byte-range.js';
import type { CachedFile } from './segment-cache.js';
import type { AnswerHeaders, StreamAnswer, StreamRequest } from './stream-request.js';

type Asked = Pick<StreamRequest, 'method' | 'headers'>;

/** The value of a header that is sent once. */
const header = ({ headers }: Pick<StreamRequest, 'headers'>, name: string): string | undefined =>
  headers[name] as string | undefined;

/** A stored file, whole or in part, or "not modified". `headers`: those that are already decided. */
export function answerFile(request: Asked, file: CachedFile, headers: AnswerHeaders): StreamAnswer {
  const size = file.body.length;
  headers.etag = file.etag;
  headers['accept-ranges'] = 'bytes';
  if (noneMatchNames(header(request, 'if-none-match'), file.etag)) return { status: 304, headers };
  const asked = request.method === 'GET' ? header(request, 'range') : undefined;
  const range =
    asked !== undefined && ifRangeHolds(header(request, 'if-range'), file.etag)
      ? parseRange(asked, size)
      : undefined;
  if (range === 'unsatisfiable') {
    const refusal = { 'content-range': `bytes */${size}`, 'cache-control': 'no-store', 'content-length': 0 };
    return { status: 416, headers: Object.assign(headers, refusal) };
  }
  if (!range) {
    headers['content-length'] = size;
    return { status: 200, headers, body: { file, range: { start: 0, end: size - 1 } } };
  }
  headers['content-length'] = range.end + 1 - range.start;
  headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`;
  return { status: 206, headers, body: { file, range } };
}

const texts: readonly HlsFileKind[] = ['master', 'media', 'captions', 'storyboard'];

/** Whether a file of this kind is sent as gzip to whom takes that; media never are. */
export const isText = (kind: HlsFileKind): boolean => texts.includes(kind);

/** A shorter text fits into one packet as it is. */
const MIN_BYTES = 1024;

/** Of what is made for one answer. */
const FASTEST = { level: 1 };

const compress = promisify(gzip);

/** By the body as it is held: goes with it, so it needs no bound of its own. Text takes a tenth of its length. */
const compressed = new WeakMap<Body, Buffer | Promise<Buffer>>();

/** Compresses a held body once, for however many ask, in another thread. */
export function gzipOf(body: Body): Buffer | Promise<Buffer> {
  const known = compressed.get(body);
  if (known) return known;
  const work = compress(body.bytes());
  compressed.set(body, work);
  work.then(
    (small) => compressed.set(body, small),
    () => compressed.delete(body),
  );
  return work;
}

/** The strong validator of the same version in its other form, which has other bytes (RFC 9110 section 8.8.3.3). */
const gzipEtag = (etag: string): string => etag.replace(/"$/, '-gzip"');

/** Says that the answer differs by what the client takes, and whether this one may be compressed. */
function negotiate(request: Asked, headers: AnswerHeaders, bytes: number): boolean {
  addToHeader(headers, 'vary', 'Accept-Encoding');
  return bytes >= MIN_BYTES && acceptsGzip(header(request, 'accept-encoding'));
}

function zipped(headers: AnswerHeaders, body: Buffer): StreamAnswer {
  headers['content-encoding'] = 'gzip';
  headers['content-length'] = body.length;
  return { status: 200, headers, body };
}

/**
 * A stored text, compressed where its client takes that, or "not modified". Ranges are those of the text as it is
 * stored. `headers`: those that are already decided.
 */
export function answerStoredText(
  request: Asked,
  file: CachedFile,
  headers: AnswerHeaders,
): StreamAnswer | Promise<StreamAnswer> {
  const isRange = request.headers.range !== undefined && request.method === 'GET';
  if (!negotiate(request, headers, file.body.length) || isRange) return answerFile(request, file, headers);
  headers.etag = gzipEtag(file.etag);
  if (noneMatchNames(header(request, 'if-none-match'), headers.etag)) return { status: 304, headers };
  const small = gzipOf(file.body);
  return isPromise(small) ? small.then((body) => zipped(headers, body)) : zipped(headers, small);
}

/**
 * A short text that was made for this client, compressed where it takes that: at once, since another thread would cost
 * some three times the 0.05 ms of it.
 */
export function answerText(request: Asked, text: string, headers: AnswerHeaders): StreamAnswer {
  const body = Buffer.from(text);
  if (negotiate(request, headers, body.length)) return zipped(headers, gzipSync(body, FASTEST));
  headers['content-length'] = body.length;
  return { status: 200, headers, body };
}
