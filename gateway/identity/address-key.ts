import { isIPv6 } from 'node:net';

const HOME_GROUPS = 4;

/**
 * The address that attempts are counted by: one sender has 2^64 IPv6 addresses, so those count by their /64
 * (RFC 6177), and IPv4 in IPv6's form (RFC 4291 section 2.5.5.2) as what it is.
 */
export function addressKey(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined || !isIPv6(plain)) return mapped ?? plain;
  const [before = '', after] = plain.split('::');
  const groups = (part = ''): string[] => (part === '' ? [] : part.split(':'));
  const missing = after === undefined ? 0 : 8 - groups(before).length - groups(after).length;
  const all = [...groups(before), ...Array<string>(Math.max(missing, 0)).fill('0'), ...groups(after)];
  return all
    .slice(0, HOME_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
