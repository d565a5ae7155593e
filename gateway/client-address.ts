import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
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

/** Whoever has one IPv6 address mostly has 2^64 of them (RFC 6177); some proxies add the port. */
export function addressBlock(address: string): string {
  const [, v4] = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/i.exec(address) ?? [];
  if (v4 !== undefined) return v4;
  const bare = address.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/%.*$/, '');
  if (isIP(bare) !== 6) return address.slice(0, 64);
  const [head = '', tail] = bare.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  const network = [...groups, ...zeros, ...rest].slice(0, 4).map((group) => parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
