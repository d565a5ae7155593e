import type { FastifyReply, FastifyRequest } from 'fastify';
import { addToHeader } from './add-to-header.js';

/**
 * Names the origin that may read an answer, where only some may; scripts of other pages get none. Answers then differ
 * by origin, also for caches.
 */
export function limitOrigins(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: readonly string[] | undefined,
): void {
  if (!origins) return;
  addToHeader(reply, 'vary', 'Origin');
  const { origin } = request.headers;
  if (origin !== undefined && origins.includes(origin)) reply.header('access-control-allow-origin', origin);
  else reply.removeHeader('access-control-allow-origin');
}
