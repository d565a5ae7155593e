import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { AppError } from '../../schema/errors.js';

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Whether a body is encoded all the same, though only `identity` was asked for. */
export const isEncoded = (encoding: string | undefined): boolean =>
  encoding !== undefined && !['', 'identity'].includes(encoding.trim().toLowerCase());

/**
 * The bytes that a body stands for, decoded piece by piece: whoever reads them decides how many there may be.
 * @throws AppError SOURCE_FORBIDDEN for an encoding that nobody asked for and we do not know
 */
export function decodeBody(body: Readable, encoding: string | undefined): Readable {
  if (!isEncoded(encoding)) return body;
  const decoder = decoders[encoding?.trim().toLowerCase() ?? '']?.();
  if (!decoder) {
    throw new AppError('SOURCE_FORBIDDEN', {
      message: 'The source is sent in an encoding that is not known.',
    });
  }
  // What goes wrong reaches the reader of the decoder.
  return pipeline(body, decoder, () => undefined);
}
