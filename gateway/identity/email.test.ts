import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalizeEmail } from './email.js';

describe('an e-mail address', () => {
  it.each([
    [' Ada@Example.COM ', 'ada@example.com'],
    ['a.b+films@mail.example.co', 'a.b+films@mail.example.co'],
    ["o'neil@example.com", "o'neil@example.com"],
    ['owner@localhost', 'owner@localhost'],
  ])('%j is %s', (text, email) => expect(normalizeEmail(text)).toBe(email));

  it.each([
    ['nothing', ''],
    ['no name', '@example.com'],
    ['no host', 'ada@'],
    ['two', 'ada@example.com,bob@example.com'],
    ['a name beside it', 'Ada <ada@example.com>'],
    ['a second header', 'ada@example.com\r\nBcc: bob@example.com'],
    ['a label that ends in a dash', 'ada@example-.com'],
    ['a host with an empty label', 'ada@example..com'],
    ['a name that is too long', `${'a'.repeat(65)}@example.com`],
    ['too much', `a@${'a.'.repeat(130)}com`],
  ])('is not %s', (_what, text) => {
    expect(() => normalizeEmail(text)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'email' } }),
    );
  });

  it('is the same however it is written', () =>
    fc.assert(
      fc.property(fc.emailAddress(), fc.constantFrom('', ' ', '\n'), (written, space) => {
        const email = normalizeEmail(written);
        expect(normalizeEmail(`${space}${written.toUpperCase()}${space}`)).toBe(email);
        expect(normalizeEmail(email)).toBe(email);
      }),
    ));
});
