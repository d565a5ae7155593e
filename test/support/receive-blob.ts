import { type ArrivingBlob, FillingBlob } from '../../platform/arriving-blob.js';
import { asError } from '../../platform/as-error.js';
import type { Body } from '../../platform/memory/body.js';

/** A blob whose bytes come as these do, and break off where these do. */
export function receiveBlob(body: Body, pieces: AsyncIterable<Buffer>): ArrivingBlob {
  const blob = new FillingBlob(body);
  const receive = async (): Promise<void> => {
    for await (const piece of pieces) blob.take(piece);
  };
  receive().catch((error: unknown) => blob.fail(asError(error)));
  return blob;
}
