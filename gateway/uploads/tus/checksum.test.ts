import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { checksumAlgorithms, parseChecksum } from './checksum.js';

describe('the checksum of a request', () => {
  it.each(checksumAlgorithms)('holds for the bytes it was made of alone: %s', (algorithm) => {
    const header = `${algorithm} ${createHash(algorithm).update('two pieces').digest('base64')}`;
    const [right, wrong] = [parseChecksum(header), parseChecksum(header)];
    for (const piece of ['two ', 'pieces']) right.update(Buffer.from(piece));
    wrong.update(Buffer.from('two piece'));
    expect(() => right.verify()).not.toThrow();
    expect(() => wrong.verify()).toThrow(expect.objectContaining({ code: 'CHECKSUM_MISMATCH' }));
  });

  it.each(['', 'sha1', 'crc32 AAAA', 'SHA1 AAAA'])('is refused where it says nothing: %p', (header) => {
    expect(() => parseChecksum(header)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });
});
