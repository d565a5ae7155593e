import type { FastifyReply, FastifyRequest } from 'fastify';
import { arrivedBlob } from '../platform/arriving-blob.js';
import { ifRangeHolds, noneMatchNames, parseRange, type ByteRange } from './byte-range.js';
import { inPieces, PIECE_BYTES } from './in-pieces.js';
import type { CachedFile } from './segment-cache.js';

/**
 * Answers with a stored file, whole or in part, or with "not modified". Type and caching are already set. Of what is
 * still on its way from storage, each piece is sent as it comes.
 */
export function sendFile(request: FastifyRequest, reply: FastifyReply, file: CachedFile): FastifyReply {
  const { body, etag } = file;
  const { headers } = request;
  reply.header('etag', etag).header('accept-ranges', 'bytes');
  if (noneMatchNames(headers['if-none-match'], etag)) return reply.code(304).send();
  if (request.method !== 'GET') return reply.send(body);
  const range = ifRangeHolds(headers['if-range'] as string | undefined, etag)
    ? parseRange(headers.range, body.length)
    : undefined;
  if (!range) return sendRange(request, reply, file, { start: 0, end: body.length - 1 });
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .headers({ 'content-range': `bytes */${body.length}`, 'cache-control': 'no-store' })
      .send();
  }
  const contentRange = `bytes ${range.start}-${range.end}/${body.length}`;
  return sendRange(request, reply.code(206).header('content-range', contentRange), file, range);
}

function sendRange(
  { streaming }: FastifyRequest,
  reply: FastifyReply,
  { body, arriving }: CachedFile,
  range: ByteRange,
): FastifyReply {
  const bytes = range.end + 1 - range.start;
  if (!arriving && bytes <= PIECE_BYTES)
    return reply.send(bytes === body.length ? body : body.subarray(range.start, range.end + 1));
  reply.header('content-length', bytes);
  const onTaken = (taken: number) => {
    if (streaming) streaming.taken = taken;
  };
  return reply.send(inPieces(arriving ?? arrivedBlob(body), range, onTaken));
}
