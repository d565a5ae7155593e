import { isIP } from 'node:net';

/** An IPv4 address, or the first groups of an IPv6 one; undefined for what is no address. Some proxies add the port. */
function partsOf(address: string): { v4: string } | { groups: string[] } | undefined {
  const [, v4] = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/i.exec(address) ?? [];
  if (v4 !== undefined) return { v4 };
  const bare = address.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/%.*$/, '');
  if (isIP(bare) !== 6) return undefined;
  const [head = '', tail] = bare.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0');
  return {
    groups: [...groups, ...zeros, ...rest].map((group) => parseInt(group, 16).toString(16)),
  };
}

/** Whoever has one IPv6 address mostly has 2^64 of them (RFC 6177). */
export function addressBlock(address: string): string {
  const parts = partsOf(address);
  if (!parts) return address.slice(0, 64);
  return 'v4' in parts ? parts.v4 : `${parts.groups.slice(0, 4).join(':')}::/64`;
}

/**
 * The network that an address is kept as where it is not to tell who somebody is: 256 addresses of IPv4, a site of
 * IPv6. undefined for what is no address.
 */
export function truncatedAddress(address: string): string | undefined {
  const parts = partsOf(address);
  if (!parts) return undefined;
  if ('groups' in parts) return `${parts.groups.slice(0, 3).join(':')}::/48`;
  return isIP(parts.v4) === 4 ? parts.v4.replace(/\d+$/, '0/24') : undefined;
}
