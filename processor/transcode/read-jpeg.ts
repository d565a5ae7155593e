import { readFile } from 'node:fs/promises';
import { AppError } from '../../schema/errors.js';

/** The last bytes of every JPEG, EOI (ITU-T T.81 section B.1.1.3). */
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

/** A picture that FFmpeg has written. @throws AppError INTERNAL for half of one, which a full disk leaves */
export async function readJpeg(file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  if (bytes.subarray(-END_OF_IMAGE.length).equals(END_OF_IMAGE)) return bytes;
  throw new AppError('INTERNAL', {}, { cause: new Error(`a picture of ${bytes.length} bytes has no end`) });
}
