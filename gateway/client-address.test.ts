import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTrust, type TrustedProxies } from '../platform/trusted-proxies.js';
import { clientAddress } from './client-address.js';

const seen = (trusted: TrustedProxies, forwarded?: string, remoteAddress = '10.0.0.1') =>
  clientAddress(
    { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, socket: { remoteAddress } },
    createTrust(trusted),
  );

describe('the address of a client', () => {
  it.each<[TrustedProxies, string | undefined, string]>([
    [false, '1.1.1.1', '10.0.0.1'],
    [1, undefined, '10.0.0.1'],
    [1, '', '10.0.0.1'],
    [1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    [2, '6.6.6.6, 1.1.1.1,10.0.0.2', '1.1.1.1'],
    [9, '1.1.1.1', '1.1.1.1'],
    [['10.0.0.0/8'], '6.6.6.6, 1.1.1.1, 10.9.9.9', '1.1.1.1'],
    [['10.0.0.1'], '6.6.6.6, 10.0.0.2', '10.0.0.2'],
    [['192.168.0.0/16', 'fd00::/8'], '1.1.1.1', '10.0.0.1'],
    [['10.0.0.1'], 'unknown', 'unknown'],
  ])('behind %j with %j is %s', (trusted, forwarded, address) => {
    expect(seen(trusted, forwarded)).toBe(address);
  });

  it('is believed from proxies that come over IPv6', () => {
    expect(seen(['fd00::/8'], '1.1.1.1', 'fd00::1')).toBe('1.1.1.1');
    expect(seen(['10.0.0.0/8'], '1.1.1.1', '::ffff:10.0.0.1')).toBe('1.1.1.1');
  });

  it('cannot be chosen by who sends the request', () => {
    const given = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 4 });
    fc.assert(
      fc.property(given, (claims) => {
        const forwarded = [...claims, '1.1.1.1'].join(',');
        expect(seen(1, forwarded)).toBe('1.1.1.1');
        expect(seen(['10.0.0.0/8'], forwarded)).toBe('1.1.1.1');
        expect(seen(false, forwarded)).toBe('10.0.0.1');
      }),
    );
  });
});
