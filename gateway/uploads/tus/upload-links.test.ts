import { describe, expect, it } from '@jest/globals';
import { parseKeyRing } from '../../../platform/key-ring.js';
import { createUploadLinks } from './upload-links.js';

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64url')}`;
const linksWith = (keys: string, publicGatewayUrl = 'https://up.test/api') =>
  createUploadLinks({ keyRing: parseKeyRing(keys), publicGatewayUrl });

describe('the address of an upload', () => {
  const links = linksWith(key('a', 1));
  const token = links.tokenOf('tus_1');

  it('is found again by whoever has the same keys, also when a new one signs', () => {
    expect(links.urlOf('tus_1')).toBe(`https://up.test/api/files/${token}`);
    expect(linksWith(`${key('b', 2)},${key('a', 1)}`).sessionOf(token)).toBe('tus_1');
  });

  it('is nobody else’s', () => {
    const [, , secret = ''] = token.split('.');
    const others = ['tus_1', '', `tus_2.a.${secret}`, `tus_1.b.${secret}`, `${token}.x`, `${token}=`];
    const flipped = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    for (const other of [...others, flipped])
      expect([other, links.sessionOf(other)]).toEqual([other, undefined]);
    expect(linksWith(key('a', 2)).sessionOf(token)).toBeUndefined();
  });
});
