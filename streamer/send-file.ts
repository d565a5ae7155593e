import type { FastifyReply, FastifyRequest } from 'fastify';
import { ifRangeHolds, noneMatchNames, parseRange } from './byte-range.js';
import type { StoredBlob } from '../platform/blob-reader.js';

/** Answers with a stored file, whole or in part, or with "not modified". Type and caching are already set. */
export function sendFile(request: FastifyRequest, reply: FastifyReply, file: StoredBlob): FastifyReply {
  const { body, etag } = file;
  const { headers } = request;
  reply.header('etag', etag).header('accept-ranges', 'bytes');
  if (noneMatchNames(headers['if-none-match'], etag)) return reply.code(304).send();
  // Only GET has ranges (RFC 9110 section 14.2).
  if (headers.range === undefined || request.method !== 'GET') return reply.send(body);

  const ifRange = headers['if-range'];
  const range = ifRangeHolds(ifRange as string | undefined, etag)
    ? parseRange(headers.range, body.length)
    : undefined;
  if (!range) return reply.send(body);
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .headers({ 'content-range': `bytes */${body.length}`, 'cache-control': 'no-store' })
      .send();
  }
  return reply
    .code(206)
    .header('content-range', `bytes ${range.start}-${range.end}/${body.length}`)
    .send(body.subarray(range.start, range.end + 1));
}
