import type { FastifyReply } from 'fastify';

/** Says that an answer differs by this header of its request (RFC 9110 section 12.5.5). */
export function varyBy(reply: FastifyReply, header: string): void {
  const told = reply.getHeader('vary');
  reply.header('vary', told === undefined ? header : `${String(told)}, ${header}`);
}
