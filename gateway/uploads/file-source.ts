import type { Readable } from 'node:stream';
import type { FileUpload } from 'graphql-upload-minimal';
import { AppError } from '../../schema/errors.js';

/**
 * The bytes of a file in a GraphQL multipart request. @throws AppError UPLOAD_ABORTED: the parser throws here
 * where the request has ended already, in the middle of the file.
 */
export function sourceOf(file: FileUpload): Readable {
  try {
    return file.createReadStream();
  } catch (cause) {
    throw new AppError('UPLOAD_ABORTED', {}, { cause });
  }
}
