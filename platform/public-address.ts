import { isIP, isIPv6 } from 'node:net';
import { addressRanges, parseCidr, type AddressRange } from './address-ranges.js';

/** Whether what comes from outside may make us connect to this address. */
export type AddressRule = (address: string) => boolean;

/**
 * What is not somebody's public server, of the registries of RFC 6890 and their updates. Of IPv6 only what
 * is given out as global unicast (2000::/3) is public at all: that leaves out loopback, unspecified,
 * link-local, unique local, multicast, IPv4-mapped and -compatible, and NAT64 addresses.
 */
const special = [
  '0.0.0.0/8', // this network, unspecified
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers (CGNAT)
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's own, from within each of its machines
  '169.254.0.0/16', // link-local, with the metadata services of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  '2001::/23', // protocol assignments, Teredo and benchmarks among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4, which may lead to any IPv4 address
  '3fff::/20', // documentation
];

const rangesOf = (texts: readonly string[]) =>
  addressRanges(texts.map(parseCidr).filter((range) => range !== undefined));

const specialRanges = rangesOf(special);
const globalUnicast = rangesOf(['2000::/3']);

/**
 * Public addresses, and those of the networks that the operator allows on top. Anything but a plain
 * address, a name or one with a zone, is refused.
 */
export function publicAddresses(allowed: readonly AddressRange[] = []): AddressRule {
  const exceptions = addressRanges(allowed);
  return (address) => {
    if (isIP(address) === 0 || address.includes('%')) return false;
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (exceptions.check(address, family)) return true;
    if (family === 'ipv6' && !globalUnicast.check(address, family)) return false;
    return !specialRanges.check(address, family);
  };
}
