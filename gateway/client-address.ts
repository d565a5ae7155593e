import type { IncomingMessage } from 'node:http';
import type { TrustProxy } from '../platform/trusted-proxies.js';

/** Where a request came from, by the same reading of `X-Forwarded-For` as Fastify's `request.ip`. */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers'> & { socket: { remoteAddress?: string } },
  trust: TrustProxy,
): string {
  let address = socket.remoteAddress ?? '';
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const before = forwarded.split(',').map((part) => part.trim());
  for (const [hop, next] of before
    .filter((part) => part !== '')
    .reverse()
    .entries()) {
    if (!trust(address, hop)) break;
    address = next;
  }
  return address;
}
