import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostOf, MAX_URL_LENGTH, readOutsideUrl } from './outside-url.js';
import { publicAddresses } from './public-address.js';

const isPublic = publicAddresses();
const read = (text: string, base?: URL): string => readOutsideUrl(text, isPublic, base).href;
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const forbidden = code('SOURCE_FORBIDDEN');

/** Every way to write one part of an IPv4 address. */
const spelled = (value: number): fc.Arbitrary<string> =>
  fc.constantFrom(
    String(value),
    `0x${value.toString(16)}`,
    `0X0${value.toString(16)}`,
    `0${value.toString(8)}`,
  );

/** An IPv4 address in one to four parts, each in any base. */
const spellings = (address: readonly number[]): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: 4 }).chain((count) => {
    const head = address.slice(0, count - 1);
    const rest = address.slice(count - 1).reduce((value, part) => value * 256 + part, 0);
    return fc.tuple(...[...head, rest].map(spelled)).map((parts) => parts.join('.'));
  });

describe('the address of a source', () => {
  it('is http or https, by name or public address, without its fragment', () => {
    expect(read('https://example.org/a b.mp4?x=1#t=3')).toBe('https://example.org/a%20b.mp4?x=1');
    expect(read('http://93.184.215.14/film.mp4')).toBe('http://93.184.215.14/film.mp4');
    expect(read('https://[2606:4700::1111]:8443/')).toBe('https://[2606:4700::1111]:8443/');
    expect(read('https://MÜNCHEN.example/')).toBe('https://xn--mnchen-3ya.example/');
  });

  it('may be long, as signed ones are, and no longer', () => {
    const long = `https://example.org/?sig=${'a'.repeat(MAX_URL_LENGTH)}`;
    expect(read(long.slice(0, MAX_URL_LENGTH))).toHaveLength(MAX_URL_LENGTH);
    expect(() => read(long)).toThrow(code('BAD_USER_INPUT'));
  });

  it.each(['', 'film.mp4', '//example.org/a', 'http://', 'https://exa mple.org/', 'http://256.1.1.1/'])(
    'is not %j',
    (text) => {
      expect(() => read(text)).toThrow(code('BAD_USER_INPUT'));
    },
  );

  it.each([
    ...['ftp://example.org/a', 'file:///etc/passwd', 'data:video/mp4,a', 'gopher://example.org/1'],
    ...['https://user@example.org/', 'https://user:secret@example.org/', 'https://:secret@example.org/'],
    ...[
      'http://example.org:0/',
      'http://example.org:22/',
      'https://example.org:25/',
      'http://example.org:1023',
    ],
  ])('may not be %s', (text) => {
    expect(() => read(text)).toThrow(forbidden);
  });

  it.each([80, 443, 1_024, 8_080, 65_535])('may have port %d', (port) => {
    expect(() => read(`http://example.org:${port}/`)).not.toThrow();
  });

  it.each([
    ...['0x7f.1', '127.1', '2130706433', '017700000001', '0x7f000001', '127.0.0.1.', '127.0.0.1'],
    ...['0', '0.0.0.0', '[::]', '[::1]', '[::ffff:7f00:1]', '[::ffff:127.0.0.1]', '[::127.0.0.1]'],
    ...['１２７.０.０.１', '127。0。0。1', '%31%32%37.0.0.1', '[64:ff9b::7f00:1]', '[2002:7f00:1::]'],
    ...['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '168.63.129.16', '255.255.255.255'],
  ])('may not lead to %s', (host) => {
    expect(() => read(`http://${host}/`)).toThrow(forbidden);
  });

  it('may not lead to a private address in any spelling of IPv4', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const isPrivate = fc.oneof(fc.tuple(fc.constant(10), octet, octet, octet), fc.constant([127, 0, 0, 1]));
    const written = isPrivate.chain((address) => spellings(address));
    fc.assert(
      fc.property(written, fc.constantFrom('', '.'), (host, dot) => {
        expect(() => read(`http://${host}${dot}/`)).toThrow(forbidden);
      }),
    );
  });

  it('may be relative in a redirect, and is held to the same rules', () => {
    const base = new URL('https://example.org/films/a.mp4');
    expect(read('../b.mp4', base)).toBe('https://example.org/b.mp4');
    expect(() => read('//127.0.0.1/', base)).toThrow(forbidden);
    expect(() => read('file:///etc/passwd', base)).toThrow(forbidden);
  });

  it('has an IPv6 host without brackets', () => {
    expect(hostOf(new URL('http://[2606:4700::1111]/'))).toBe('2606:4700::1111');
    expect(hostOf(new URL('http://example.org/'))).toBe('example.org');
  });
});
