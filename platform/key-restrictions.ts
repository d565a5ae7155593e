import { BlockList, isIP } from 'node:net';

/** Where a request comes from. */
export interface RequestSource {
  /** Of the other end of the connection. */
  address?: string;
  /** The header `Origin`: of the page that sends it, which the page itself cannot choose. */
  origin?: string;
}

/** From where a key may be used; what is absent or empty restricts nothing. */
export interface KeyRestrictions {
  cidrs?: readonly string[];
  origins?: readonly string[];
}

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

/** `https://app.example.com` as browsers write it in `Origin`; undefined for what is not an origin of the web. */
export function canonicalOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return url.href === `${url.origin}/` ? url.origin : undefined;
}

/** Tells whether a request from somewhere keeps to these restrictions. What is not known does not. */
export function createRestrictionCheck(restrictions: KeyRestrictions): (from: RequestSource) => boolean {
  const { cidrs = [], origins = [] } = restrictions;
  const allowed = rangesOf(cidrs);
  return ({ address, origin }) =>
    (cidrs.length === 0 || isIn(allowed, address)) &&
    (origins.length === 0 || (origin !== undefined && origins.includes(origin)));
}

function rangesOf(cidrs: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const cidr of cidrs) {
    const range = parseCidr(cidr);
    if (range) ranges.addSubnet(range.address, range.prefixLength, range.family);
  }
  return ranges;
}

/** A socket that takes both kinds calls 192.0.2.1 `::ffff:192.0.2.1`: `BlockList` knows that they are one. */
function isIn(ranges: BlockList, address = ''): boolean {
  const [plain = ''] = address.split('%');
  const version = isIP(plain);
  return version !== 0 && ranges.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}
