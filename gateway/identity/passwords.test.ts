import { describe, expect, it } from '@jest/globals';
import * as argon2 from '@node-rs/argon2';
import { createPasswords } from './passwords.js';

const passwords = createPasswords();
const password = 'correct horse battery';

describe('a password', () => {
  it('is hashed by argon2id as OWASP asks, each time differently', async () => {
    const [one, other] = [await passwords.hash(password), await passwords.hash(password)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  it('is known again, and no other is taken for it', async () => {
    const hash = await passwords.hash(password);
    expect(await passwords.verify(hash, password)).toBe(true);
    expect(await passwords.verify(hash, `${password} `)).toBe(false);
    expect(await passwords.verify(hash, '')).toBe(false);
  });

  it('is the same however its letters are composed', async () => {
    expect(await passwords.verify(await passwords.hash('café au lait'), 'cafe\u0301 au lait')).toBe(true);
  });

  it('is not known by its beginning', async () => {
    const long = 'x'.repeat(128);
    expect(await passwords.verify(await passwords.hash(long), `${long}y`)).toBe(false);
  });

  it('of nobody is refused after the same work', async () => {
    const compared: string[] = [];
    const watched = createPasswords({
      hash: argon2.hash,
      verify: (hash, text, options) => {
        compared.push(String(hash));
        return argon2.verify(hash, text, options);
      },
    });
    const hash = await watched.hash(password);
    expect(await watched.verify(hash, 'a wrong guess')).toBe(false);
    expect(await watched.verify(undefined, 'a wrong guess')).toBe(false);
    const [ofSomebody, ofNobody] = compared;
    expect(compared).toHaveLength(2);
    expect(ofNobody?.split('$').slice(0, 4)).toEqual(ofSomebody?.split('$').slice(0, 4));
  });
});
