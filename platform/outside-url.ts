import { isIP } from 'node:net';
import { AppError } from '../schema/errors.js';
import type { AddressRule } from './public-address.js';

/** Signed URLs have several kilobytes. */
export const MAX_URL_LENGTH = 8_192;

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Below it are ports of other services, such as mail, whose commands a request could be made to look like. */
const FIRST_FREE_PORT = 1_024;

/**
 * The address that a text from outside stands for, as far as the text alone can tell that it may be read:
 * http or https, no credentials, the scheme's own port, 80, 443 or one from 1024 on, and no address that
 * `isAllowed` refuses, in whatever spelling: `http://2130706433` is parsed to 127.0.0.1. What a name
 * resolves to is checked where the connection is made.
 * @param base what a relative address, of a redirect, is relative to
 * @throws AppError BAD_USER_INPUT for no address at all, SOURCE_FORBIDDEN for one that may not be read
 */
export function readOutsideUrl(text: string, isAllowed: AddressRule, base?: URL): URL {
  const url = text.length <= MAX_URL_LENGTH ? URL.parse(text, base?.href) : null;
  if (!url) throw new AppError('BAD_USER_INPUT', { message: 'This is not the address of a file.' });
  const defaultPort = defaultPorts[url.protocol];
  if (defaultPort === undefined) throw forbidden('Only http:// and https:// addresses can be read.');
  if (url.username !== '' || url.password !== '') {
    throw forbidden('An address with a user name or a password is not read.');
  }
  const port = url.port === '' ? defaultPort : Number(url.port);
  if (port < FIRST_FREE_PORT && port !== 80 && port !== 443) {
    throw forbidden(`Port ${port} may not be read from.`);
  }
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isAllowed(host)) throw forbiddenAddress();
  url.hash = '';
  return url;
}

/** The host of an address, an IPv6 address without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

export const forbiddenAddress = (): AppError => forbidden('This address is not a public one.');

const forbidden = (message: string): AppError => new AppError('SOURCE_FORBIDDEN', { message });
