import { isIP } from 'node:net';
import { addressRanges, type AddressRange, parseCidr } from './address-ranges.js';

/**
 * Whether what an address says of where a request came from is believed; `hop` counts the machines before
 * it, from this one.
 */
export type TrustProxy = (address: string, hop: number) => boolean;

/** Nobody's word, the nearest so many proxies', or that of proxies at these addresses and networks. */
export type TrustedProxies = false | number | readonly string[];

/** @throws Error where an address or a network is not one. */
export function createTrust(trusted: TrustedProxies): TrustProxy {
  if (trusted === false) return () => false;
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted;
  const proxies = addressRanges(trusted.map(requireCidr));
  return (address) => isIP(address) !== 0 && proxies.check(address, familyOf(address));
}

function requireCidr(text: string): AddressRange {
  const range = parseCidr(text);
  if (!range) throw new Error(`${text} is neither an address nor a network`);
  return range;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
