import { describe, expect, it } from '@jest/globals';
import { checkPassword } from './password-rules.js';

const ada = { email: 'ada.lovelace@example.com', name: 'Ada King Lovelace' };

describe('a password', () => {
  it.each([['correct horse'], ['ten chars!'], ['  spaces  count  '], ['é'.repeat(10)], ['🐎'.repeat(128)]])(
    'may be %j',
    (password) => expect(() => checkPassword(password, ada)).not.toThrow(),
  );

  it.each([
    ['short', 'nine char'],
    ['short, though it takes many bytes', '🐎'.repeat(9)],
    ['endless', 'x'.repeat(129)],
    ['common', 'password123'],
    ['common in capitals', 'QwertyUIOP'],
    ['common in wide letters', 'ｑｗｅｒｔｙｕｉｏｐ'],
    ['the address', 'Ada.Lovelace@example.com'],
    ['what stands before the @', 'ada.lovelace'],
    ['the name', 'ada king lovelace'],
    ['the name in one word', 'AdaKingLovelace'],
  ])('may not be %s', (_what, password) => {
    expect(() => checkPassword(password, ada, 'newPassword')).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', details: { field: 'newPassword' } }),
    );
  });
});
