import { BlockList, isIP } from 'node:net';

/** A range of addresses, as `net.BlockList` takes it. */
export interface AddressRange {
  address: string;
  prefixLength: number;
  family: 'ipv4' | 'ipv6';
}

const cidrPattern = /^([0-9a-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/;

/** The range that `192.0.2.0/24`, `2001:db8::/32` or a single address stands for; undefined for anything else. */
export function parseCidr(text: string): AddressRange | undefined {
  const [, address = '', length] = cidrPattern.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefixLength = length === undefined ? longest : Number(length);
  if (prefixLength > longest) return undefined;
  return { address, prefixLength, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Ranges to look addresses up in. */
export function addressRanges(ranges: readonly AddressRange[]): BlockList {
  const list = new BlockList();
  for (const { address, prefixLength, family } of ranges) list.addSubnet(address, prefixLength, family);
  return list;
}
