import { Readable } from 'node:stream';
import type { BlobContainer } from '../../../platform/blob.js';
import { AppError } from '../../../schema/errors.js';
import { SessionKind, SessionState, type UploadSession } from '../../../schema/upload-session.js';
import type { UploadLinks } from './upload-links.js';

const PIECE_BYTES = 4 * 1024 * 1024;
/** Each is a request of its own; nobody needs more. */
const MAX_PARTS = 100;

const badConcat = (message: string): AppError =>
  new AppError('BAD_USER_INPUT', { field: 'Upload-Concat', message });

/**
 * The uploads that `Upload-Concat: final;<url> <url> …` names, in its order.
 * @throws AppError BAD_USER_INPUT (field) where one is none of ours
 */
export function partsNamed(header: string, links: Pick<UploadLinks, 'sessionOf'>): string[] {
  const urls = header.slice('final;'.length).split(' ').filter(Boolean);
  if (urls.length === 0 || urls.length > MAX_PARTS)
    throw badConcat(`A file has from 1 to ${MAX_PARTS} parts.`);
  return urls.map((url) => {
    const id = links.sessionOf(url.split('/').at(-1) ?? '');
    if (id === undefined) throw badConcat('One of the parts is not an upload.');
    return id;
  });
}

/**
 * How long the file of these parts is.
 * @throws AppError BAD_USER_INPUT (field) where one is missing, unfinished or of another project
 */
export function bytesOfParts(
  ids: readonly string[],
  parts: readonly UploadSession[],
  { _id: projectId }: { _id: string },
): number {
  const byId = new Map(parts.map((part) => [part._id, part]));
  return ids.reduce((sum, id) => {
    const part = byId.get(id);
    if (part?.kind !== SessionKind.PART || part.projectId !== projectId)
      throw badConcat('One of the parts is not a part of this project.');
    if (part.state !== SessionState.DONE) throw badConcat('One of the parts is not finished.');
    return sum + part.offset;
  }, 0);
}

/** The bytes of parts, one after the other, from `offset` of the whole on. */
export function readParts(
  blobs: Pick<BlobContainer, 'readBytes'>,
  parts: readonly Pick<UploadSession, 'blobKey' | 'offset'>[],
  offset: number,
): Readable {
  async function* pieces(): AsyncGenerator<Buffer> {
    let skip = offset;
    for (const { blobKey, offset: bytes } of parts) {
      for (let start = Math.min(skip, bytes); start < bytes; start += PIECE_BYTES) {
        const range = { start, bytes: Math.min(PIECE_BYTES, bytes - start) };
        const piece = await blobs.readBytes(blobKey, range);
        if (!piece) throw new AppError('UPLOAD_ENDED');
        yield piece;
      }
      skip = Math.max(0, skip - bytes);
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}
