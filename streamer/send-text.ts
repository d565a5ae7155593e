import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CachedFile } from './segment-cache.js';
import type { HlsFileKind } from '../schema/blob-paths.js';
import { acceptsGzip } from './accept-encoding.js';
import { addToHeader } from './add-to-header.js';
import { noneMatchNames } from './byte-range.js';
import { sendFile } from './send-file.js';

const texts: readonly HlsFileKind[] = ['master', 'media', 'captions', 'storyboard'];

/** Whether a file of this kind is sent as gzip to whom takes that; media never are. */
export const isText = (kind: HlsFileKind): boolean => texts.includes(kind);

/** A shorter text fits into one packet as it is. */
const MIN_BYTES = 1024;

/** Of what is made for one answer. */
const FASTEST = { level: 1 };

const compress = promisify(gzip);

/** By the body as it is held: goes with it, so it needs no bound of its own. Text takes a tenth of its length. */
const compressed = new WeakMap<Buffer, Promise<Buffer>>();

/** Compresses a held body once, for however many ask, in another thread. */
export function gzipOf(body: Buffer): Promise<Buffer> {
  const known = compressed.get(body) ?? compress(body);
  compressed.set(body, known);
  return known;
}

/** The strong validator of the same version in its other form, which has other bytes (RFC 9110 section 8.8.3.3). */
const gzipEtag = (etag: string): string => etag.replace(/"$/, '-gzip"');

/** Says that the answer differs by what the client takes, and whether this one may be compressed. */
function negotiate({ headers }: FastifyRequest, reply: FastifyReply, bytes: number): boolean {
  addToHeader(reply, 'vary', 'Accept-Encoding');
  return bytes >= MIN_BYTES && acceptsGzip(headers['accept-encoding']);
}

/**
 * Answers with a stored text, compressed where its client takes that, or with "not modified". Ranges are those of the
 * text as it is stored. Type and caching are already set.
 */
export async function sendStoredText(
  request: FastifyRequest,
  reply: FastifyReply,
  file: CachedFile,
): Promise<FastifyReply> {
  const { headers, method } = request;
  const isRange = headers.range !== undefined && method === 'GET';
  if (!negotiate(request, reply, file.body.length) || isRange) return sendFile(request, reply, file);
  const etag = gzipEtag(file.etag);
  reply.header('etag', etag);
  if (noneMatchNames(headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.header('content-encoding', 'gzip').send(await gzipOf(file.body));
}

/**
 * Answers with a short text that was made for this client, compressed where it takes that: at once, since another thread
 * would cost some three times the 0.05 ms of it.
 */
export function sendText(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  if (!negotiate(request, reply, text.length)) return reply.send(text);
  return reply.header('content-encoding', 'gzip').send(gzipSync(text, FASTEST));
}
