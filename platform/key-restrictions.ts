import { type BlockList, isIP } from 'node:net';
import { addressRanges, parseCidr } from './address-ranges.js';

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

/** `https://app.example.com` as browsers write it in `Origin`; undefined for what is not an origin of the web. */
export function canonicalOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return url.href === `${url.origin}/` ? url.origin : undefined;
}

/** Tells whether a request from somewhere keeps to these restrictions. What is not known does not. */
export function createRestrictionCheck(restrictions: KeyRestrictions): (from: RequestSource) => boolean {
  const { cidrs = [], origins = [] } = restrictions;
  const allowed = addressRanges(cidrs.flatMap((cidr) => parseCidr(cidr) ?? []));
  return ({ address, origin }) =>
    (cidrs.length === 0 || isIn(allowed, address)) &&
    (origins.length === 0 || (origin !== undefined && origins.includes(origin)));
}

/** A socket that takes both kinds calls 192.0.2.1 `::ffff:192.0.2.1`: `BlockList` knows that they are one. */
function isIn(ranges: BlockList, address = ''): boolean {
  const [plain = ''] = address.split('%');
  const version = isIP(plain);
  return version !== 0 && ranges.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}
