import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCidr } from './address-ranges.js';
import { canonicalOrigin, createRestrictionCheck } from './key-restrictions.js';

const allows = (cidr: string, address?: string): boolean =>
  createRestrictionCheck({ cidrs: [cidr] })({ address });

describe('a range of addresses', () => {
  it.each([
    ['192.0.2.0/24', { address: '192.0.2.0', prefixLength: 24, family: 'ipv4' }],
    ['192.0.2.7', { address: '192.0.2.7', prefixLength: 32, family: 'ipv4' }],
    ['2001:db8::/32', { address: '2001:db8::', prefixLength: 32, family: 'ipv6' }],
    ['::1', { address: '::1', prefixLength: 128, family: 'ipv6' }],
  ])('%s is understood', (text, range) => expect(parseCidr(text)).toEqual(range));

  it.each([
    '',
    '192.0.2.0/33',
    '192.0.2/24',
    '0x7f.1',
    '192.0.2.0/',
    '192.0.2.0/024',
    '::/129',
    'fe80::1%eth0',
    'a',
  ])('%j is refused', (text) => expect(parseCidr(text)).toBeUndefined());

  it('has the addresses whose first bits are its own, also where IPv6 wraps them', () => {
    const bytes = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    const bits = (address: number[]) => address.map((byte) => byte.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(bytes, bytes, fc.nat(32), (base, other, length) => {
        const isInside = bits(base).slice(0, length) === bits(other).slice(0, length);
        const cidr = `${base.join('.')}/${length}`;
        expect(allows(cidr, other.join('.'))).toBe(isInside);
        expect(allows(cidr, `::ffff:${other.join('.')}`)).toBe(isInside);
        expect(allows(`::ffff:${base.join('.')}/${96 + length}`, other.join('.'))).toBe(isInside);
      }),
    );
  });

  it('of IPv6 has addresses with and without a zone, and none of the other kind', () => {
    expect(allows('fe80::/10', 'fe80::1%eth0')).toBe(true);
    expect(allows('fe80::/10', '10.0.0.1')).toBe(false);
    expect(allows('0.0.0.0/0', '2001:db8::1')).toBe(false);
  });

  it('does not have what is not known, or not an address', () => {
    for (const address of [undefined, '', 'unknown', '/run/socket']) {
      expect(allows('0.0.0.0/0', address)).toBe(false);
    }
  });
});

describe('an origin', () => {
  it.each([
    ['https://App.Example.com', 'https://app.example.com'],
    ['https://app.example.com/', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
  ])('%s is written %s', (text, origin) => expect(canonicalOrigin(text)).toBe(origin));

  it.each([
    '',
    'app.example.com',
    'https://app.example.com/path',
    'https://u:p@app.example.com',
    'null',
    '*',
    'file:///',
  ])('is not %j', (text) => expect(canonicalOrigin(text)).toBeUndefined());

  it('has to be one of those that are allowed, if any are', () => {
    const check = createRestrictionCheck({ origins: ['https://a.test'] });
    expect(check({ origin: 'https://a.test' })).toBe(true);
    for (const origin of ['https://a.test.evil', 'http://a.test', undefined])
      expect(check({ origin })).toBe(false);
    expect(createRestrictionCheck({ origins: [], cidrs: [] })({})).toBe(true);
  });

  it('does not make up for a wrong address', () => {
    const check = createRestrictionCheck({ origins: ['https://a.test'], cidrs: ['192.0.2.0/24'] });
    expect(check({ origin: 'https://a.test', address: '198.51.100.1' })).toBe(false);
    expect(check({ origin: 'https://a.test', address: '192.0.2.1' })).toBe(true);
  });
});
