import type { FastifyReply } from 'fastify';

/** Adds to a header that is a list (RFC 9110 section 5.6.1). */
export function addToHeader(reply: FastifyReply, name: string, value: string): void {
  const told = reply.getHeader(name);
  reply.header(name, told === undefined ? value : `${String(told)}, ${value}`);
}
