import { describe, expect, it } from '@jest/globals';
import { createPasswords } from './passwords.js';

const passwords = createPasswords();
const password = 'correct horse battery';

/** The shortest of a few runs: what the work takes where nothing else is in the way, milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  let shortest = Infinity;
  for (let run = 0; run < 5; run += 1) {
    const startedAt = performance.now();
    await work();
    shortest = Math.min(shortest, performance.now() - startedAt);
  }
  return shortest;
}

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
    const hash = await passwords.hash(password);
    expect(await passwords.verify(undefined, password)).toBe(false);
    const known = await timeOf(() => passwords.verify(hash, 'a wrong guess'));
    const unknown = await timeOf(() => passwords.verify(undefined, 'a wrong guess'));
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(2);
  });
});
