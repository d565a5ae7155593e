import { fileTypeFromBuffer } from 'file-type';
import { isUtf8 } from 'node:buffer';
import { AppError } from '../schema/errors.js';

/** As much of a file as tells what it is, bytes. */
export const HEAD_BYTES = 4_100;

/** Media that does not call itself video or audio: MXF, Ogg, ASF. */
const mediaApplications = ['application/mxf', 'application/ogg', 'application/vnd.ms-asf'];

const isMedia = (mime: string): boolean => /^(video|audio)\//.test(mime) || mediaApplications.includes(mime);

/** Tab, line feed, form feed, carriage return and escape are in texts; no other control character is. */
const writtenControls = [9, 10, 12, 13, 27];
const isWritten = (byte: number): boolean => byte >= 32 || writtenControls.includes(byte);

/**
 * Refuses what its first bytes show not to be media: pictures, archives, programs, text. What they do not tell is left
 * to the probe, which knows more containers.
 * @throws AppError UNSUPPORTED_MEDIA (found)
 */
export async function refuseOtherThanMedia(head: Buffer): Promise<void> {
  const found = await fileTypeFromBuffer(head);
  if (found && !isMedia(found.mime)) throw new AppError('UNSUPPORTED_MEDIA', { found: found.mime });
  if (!found && isText(head)) throw new AppError('UNSUPPORTED_MEDIA', { found: 'text/plain' });
}

/** The last character may be cut in two: up to three bytes of it. */
const isText = (head: Buffer): boolean =>
  head.every(isWritten) && [0, 1, 2, 3].some((cut) => isUtf8(head.subarray(0, head.length - cut)));

/**
 * Passes bytes on once their head shows that they can be media.
 * @throws AppError UNSUPPORTED_MEDIA (found), before it yields any
 */
export async function* mediaOnly(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const waiting: Buffer[] = [];
  let bytes = 0;
  let isChecked = false;
  const release = async () => {
    const head = Buffer.concat(waiting.splice(0));
    await refuseOtherThanMedia(head.subarray(0, HEAD_BYTES));
    isChecked = true;
    return head;
  };
  for await (const chunk of source) {
    if (isChecked) {
      yield chunk;
      continue;
    }
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes >= HEAD_BYTES) yield await release();
  }
  if (bytes > 0 && !isChecked) yield await release();
}
