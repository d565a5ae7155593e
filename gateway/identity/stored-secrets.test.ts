import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyText } from '../../test/support/any-text.js';
import { parseKeyRing } from '../../platform/key-ring.js';
import { openSecret, sealSecret } from './stored-secrets.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const old = parseKeyRing(`k1:${key(1)}`);
const turned = parseKeyRing(`k2:${key(2)},k1:${key(1)}`);
const other = parseKeyRing(`k1:${key(3)}`);

describe('a stored secret', () => {
  it('is read by every ring that has its key', () =>
    fc.assert(
      fc.property(anyText(), (secret) => {
        const sealed = sealSecret(old.signing, 'jwk_1', secret);
        expect(openSecret(old, 'jwk_1', sealed)).toBe(secret.toWellFormed());
        expect(openSecret(turned, 'jwk_1', sealed)).toBe(secret.toWellFormed());
        expect(openSecret(other, 'jwk_1', sealed)).toBeUndefined();
      }),
    ));

  it('shows neither itself nor that it is the same as another', () => {
    const seal = () => sealSecret(old.signing, 'jwk_1', 'secret');
    expect(seal()).not.toBe(seal());
    expect(Buffer.from(seal().slice(3), 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('opens under no other name, by no other key and after no change', () => {
    const sealed = sealSecret(turned.signing, 'jwk_1', 'secret');
    expect(openSecret(turned, 'jwk_2', sealed)).toBeUndefined();
    expect(openSecret(old, 'jwk_1', sealed)).toBeUndefined();
    expect(openSecret(turned, 'jwk_1', sealed.replace('k2.', 'k1.'))).toBeUndefined();
    for (const text of ['', 'k2', 'k2.', 'k2.AAAA', `${sealed.slice(0, -4)}AAAA`]) {
      expect(openSecret(turned, 'jwk_1', text)).toBeUndefined();
    }
  });
});
