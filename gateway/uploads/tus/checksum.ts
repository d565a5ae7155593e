import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../../schema/errors.js';

/** https://tus.io/protocols/resumable-upload#checksum */
export const checksumAlgorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** What the bytes of one request must have as their hash. */
export interface Checksum {
  update(piece: Buffer): void;
  /** @throws AppError CHECKSUM_MISMATCH */
  verify(): void;
}

/**
 * The value of `Upload-Checksum`: the name of an algorithm and the hash in Base64.
 * @throws AppError BAD_USER_INPUT (field)
 */
export function parseChecksum(header: string): Checksum {
  const [name = '', encoded = ''] = header.split(' ');
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (!algorithm || encoded === '') {
    throw new AppError('BAD_USER_INPUT', {
      field: 'Upload-Checksum',
      message: `Upload-Checksum must be one of ${checksumAlgorithms.join(', ')}, a space, and the hash in Base64.`,
    });
  }
  const expected = Buffer.from(encoded, 'base64');
  const hash = createHash(algorithm);
  return {
    update: (piece) => void hash.update(piece),
    verify() {
      const actual = hash.digest();
      if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
        throw new AppError('CHECKSUM_MISMATCH');
    },
  };
}
