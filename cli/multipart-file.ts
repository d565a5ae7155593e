import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { GraphqlOperation, RequestBody } from './graphql-client.js';

const READ_BYTES = 256 * 1024;

export interface MultipartFile {
  path: string;
  sizeBytes: number;
  /** Told how much of the file the network has taken so far. */
  onSent: (sentBytes: number) => void;
}

/**
 * One operation with one file as its variable `file`, as the GraphQL multipart request specification says
 * (https://github.com/jaydenseric/graphql-multipart-request-spec). The file is read as fast as it is sent.
 */
export function multipartBody(operation: GraphqlOperation, file: MultipartFile): RequestBody {
  const boundary = randomUUID();
  const { head, tail } = frame(operation, basename(file.path), boundary);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.byteLength + file.sizeBytes + tail.byteLength),
      // Without it the gateway takes a form for a forged one.
      'apollo-require-preflight': 'true',
    },
    body: ReadableStream.from(parts(head, file, tail)),
  };
}

async function* parts(head: Buffer, file: MultipartFile, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head;
  let sentBytes = 0;
  // A file that grows meanwhile must not overrun the length that was announced.
  const end = file.sizeBytes - 1;
  for await (const chunk of createReadStream(file.path, { highWaterMark: READ_BYTES, end })) {
    const bytes = chunk as Buffer;
    yield bytes;
    sentBytes += bytes.byteLength;
    file.onSent(sentBytes);
  }
  if (sentBytes !== file.sizeBytes) throw new Error(`${file.path} became shorter while it was sent.`);
  yield tail;
}

function frame(
  operation: GraphqlOperation,
  filename: string,
  boundary: string,
): { head: Buffer; tail: Buffer } {
  const operations = { ...operation, variables: { ...operation.variables, file: null } };
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const fileHead =
    `--${boundary}\r\ncontent-disposition: form-data; name="0"; filename="${quoted(filename)}"\r\n` +
    'content-type: application/octet-stream\r\n\r\n';
  return {
    head: Buffer.from(
      field('operations', JSON.stringify(operations)) + field('map', '{"0":["variables.file"]}') + fileHead,
    ),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

/** As browsers do it (https://html.spec.whatwg.org/#multipart-form-data). */
function quoted(filename: string): string {
  return filename.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}
