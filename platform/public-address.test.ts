import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCidr } from './address-ranges.js';
import { publicAddresses } from './public-address.js';

const isPublic = publicAddresses();

const v4Text = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

const v6Text = (value: bigint): string =>
  Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(
    ':',
  );

const v4Value = (text: string): bigint =>
  text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);

/** A short address written out: enough for those below. */
function v6Value(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((value, part) => value * 65_536n + BigInt(`0x${part}`), 0n);
}

/** First and last address of a network, and any between. */
function within(cidr: string): fc.Arbitrary<string> {
  const [address = '', length = ''] = cidr.split('/');
  const isV6 = address.includes(':');
  const size = 1n << BigInt((isV6 ? 128 : 32) - Number(length));
  const first = isV6 ? v6Value(address) : v4Value(address);
  const offsets = fc.oneof(fc.constant(0n), fc.constant(size - 1n), fc.bigInt({ min: 0n, max: size - 1n }));
  return offsets.map((offset) => (isV6 ? v6Text(first + offset) : v4Text(Number(first + offset))));
}

describe('an address', () => {
  it.each([
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
    ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '255.255.255.255/32'],
    ...['168.63.129.16/32', '169.254.169.254/32', '::/128', '::1/128', '::/96', '::ffff:0:0/96'],
    ...['64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/32', '2001:2::/48', '2001:10::/28'],
    ...['2001:db8::/32', '2002::/16', '3fff::/20', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ])('in %s is not public', (cidr) => {
    fc.assert(fc.property(within(cidr), (address) => !isPublic(address)));
  });

  it.each([
    ...['9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
    ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
    ...['198.17.255.255', '198.20.0.0', '223.255.255.255', '168.63.129.15', '168.63.129.17', '1.0.0.0'],
    ...['2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '2606:4700::1111', '3ffe::'],
  ])('such as %s, beside those, is', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it('of IPv4 is judged by the same rule in an IPv6 address: it never is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 0xffff_ffffn }), (v4) => {
        const spellings = [(0xffffn << 32n) + v4, v4, (0x2002n << 112n) + (v4 << 80n)];
        return spellings.every((value) => !isPublic(v6Text(value)));
      }),
    );
    expect(isPublic('::ffff:8.8.8.8')).toBe(false);
  });

  it('has no name and no zone', () => {
    for (const text of ['', 'localhost', 'example.org', '8.8.8', 'fe80::1%eth0', '2606:4700::1111%1'])
      expect(isPublic(text)).toBe(false);
  });

  it('of a network that the operator allows may be read, and none beside it', () => {
    const allowed = ['10.1.0.0/16', 'fd00:1::/32'].map(parseCidr).filter((range) => range !== undefined);
    const mayRead = publicAddresses(allowed);
    fc.assert(fc.property(within('10.1.0.0/16'), mayRead));
    fc.assert(fc.property(within('fd00:1::/32'), mayRead));
    for (const address of ['10.0.255.255', '10.2.0.0', '127.0.0.1', 'fd00:2::', '::1'])
      expect(mayRead(address)).toBe(false);
  });
});
