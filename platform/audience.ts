import { isIP } from 'node:net';
import { addressRanges, parseCidr } from './address-ranges.js';

/** For whom a playback is meant, beside whoever has its URL; what is absent restricts nothing. */
export interface Audience {
  /** Whom the caller knows its viewer as. */
  userId?: string;
  /** An address, or a network as `192.0.2.0/24`. */
  ipPrefix?: string;
  /** Hosts of the pages that may show it; `*.example.com` stands for every host below example.com. */
  referrers?: readonly string[];
  /** Tallest picture, by its short side: pixels. */
  maxHeight?: number;
  /** Devices that the viewer may watch on at the same time, whatever they watch. */
  maxConcurrent?: number;
}

/** Where a request for a published file comes from. */
export interface Viewer {
  address: string;
  /** The header `Referer`. */
  referrer?: string;
}

/** Whether what an audience gets is for some places only: then no cache that others share may keep it. */
export const isPlaceBound = ({ ipPrefix, referrers }: Audience): boolean =>
  ipPrefix !== undefined || referrers !== undefined;

/** Tells whether a viewer belongs to an audience. What is not known does not. */
export function createAudienceCheck({ ipPrefix, referrers }: Audience): (viewer: Viewer) => boolean {
  const range = ipPrefix === undefined ? undefined : parseCidr(ipPrefix);
  const network = range && addressRanges([range]);
  return ({ address, referrer }) => {
    if (ipPrefix !== undefined && !(network && isIn(network, address))) return false;
    return referrers === undefined || isFrom(referrers, referrer);
  };
}

function isIn(network: ReturnType<typeof addressRanges>, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && network.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function isFrom(hosts: readonly string[], referrer: string | undefined): boolean {
  const host = referrer === undefined ? undefined : URL.parse(referrer)?.hostname;
  if (!host) return false;
  return hosts.some((allowed) =>
    allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed,
  );
}

const hostPattern = /^(\*\.)?(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** A host as `referrers` has it, in lower case; undefined for what is not one. */
export function canonicalHost(text: string): string | undefined {
  const host = text.toLowerCase();
  return hostPattern.test(host) ? host : undefined;
}
