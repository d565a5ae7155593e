import { describe, expect, it } from '@jest/globals';
import { parseKeyRing } from './key-ring.js';

const key = (byte: number, bytes = 32) => Buffer.alloc(bytes, byte).toString('base64url');

describe('parseKeyRing', () => {
  it('signs with the first key and finds each one', () => {
    const ring = parseKeyRing(`new:${key(1)}, old:${key(2)}`);
    expect(ring.signing.id).toBe('new');
    expect(ring.find('old')?.id).toBe('old');
    expect(ring.find('other')).toBeUndefined();
  });

  it('derives keys that differ by use and by secret', () => {
    const [a, b] = [parseKeyRing(`k:${key(1)}`).signing, parseKeyRing(`k:${key(2)}`).signing];
    const keys = [a, b].flatMap(({ id: _, ...derived }) => Object.values(derived));
    const derived = keys.map((one) => one.export().toString('hex'));
    expect(new Set([...derived, Buffer.alloc(32, 1).toString('hex')]).size).toBe(11);
  });

  it.each([
    ['nothing', ''],
    ['no id', key(1)],
    ['a short key', `k:${key(1, 31)}`],
    ['a long key', `k:${key(1, 33)}`],
    ['an odd spelling of a key', `k:${key(1).slice(0, -1)}F`],
    ['a long id', `${'k'.repeat(17)}:${key(1)}`],
    ['an id twice', `k:${key(1)},k:${key(2)}`],
  ])('refuses %s without repeating it', (_what, text) => {
    expect(() => parseKeyRing(text)).toThrow(/^STREAM_KEYS: /);
    expect(() => parseKeyRing(text)).not.toThrow(/AQEB/);
  });
});
