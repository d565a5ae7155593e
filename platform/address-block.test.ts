import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressBlock, truncatedAddress } from './address-block.js';

describe('what is counted as one address', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['[2001:db8:0:1::9]:443', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s is %s', (address, block) => expect(addressBlock(address)).toBe(block));

  it('is never long, whatever a proxy passes on', () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => addressBlock(text).length <= 64));
  });
});

describe('what an address is kept as', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['192.0.2.77:5678', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['unknown', undefined],
    ['999.1.1.1', undefined],
    ['', undefined],
  ])('%s is %s', (address, kept) => expect(truncatedAddress(address)).toBe(kept));
});
