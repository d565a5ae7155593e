import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BlobPart, BlobReader } from '../../platform/blob-reader.js';
import type { Logger } from '../../platform/logger.js';
import { toAppError } from '../../schema/errors.js';

/** An address on this machine under which FFmpeg reads one blob; nobody else knows it. */
export interface OpenSource extends Disposable {
  readonly url: string;
}

/**
 * Reads sources for FFmpeg in parts of a few megabytes. FFmpeg itself asks for everything to the end of a
 * film and hangs up when it has enough: storage would begin to send gigabytes for each chunk (Azurite opens
 * all their files at once, and never closes them), over a new connection for each seek. Nor does FFmpeg
 * get to know a signed URL.
 */
export interface SourceServer {
  open(key: string): OpenSource;
  close(): Promise<void>;
}

export async function startSourceServer(deps: {
  reader: Pick<BlobReader, 'readPart'>;
  log: Logger;
}): Promise<SourceServer> {
  const keys = new Map<string, string>();
  const server = createServer((request, response) => {
    const key = keys.get(request.url ?? '');
    if (key === undefined || request.method !== 'GET') return void response.writeHead(404).end();
    send({ reader: deps.reader, key, request, response }).catch((err: unknown) => {
      // FFmpeg connects again where it was, a few times; then it says that the source cannot be read.
      deps.log.warn({ err, key }, 'source not read');
      response.destroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    open(key) {
      const path = `/${randomUUID()}/${key}`;
      keys.set(path, key);
      return { url: `http://127.0.0.1:${port}${path}`, [Symbol.dispose]: () => void keys.delete(path) };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const FIRST_PART_BYTES = 256 * 1024;
const LARGEST_PART_BYTES = 4 * 1024 * 1024;

/** Who has read little may be looking for an index, and hang up soon. */
const partBytes = (sentBytes: number): number =>
  Math.min(LARGEST_PART_BYTES, Math.max(FIRST_PART_BYTES, sentBytes));

interface Exchange {
  reader: Pick<BlobReader, 'readPart'>;
  key: string;
  request: IncomingMessage;
  response: ServerResponse;
}

/** Answers with the blob from the byte on that was asked for, part by part, as fast as it is taken. */
async function send({ reader, key, request, response }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const read = (at: number): Promise<BlobPart | undefined> =>
    reader.readPart(key, { start: at, maxBytes: partBytes(at - start) }, gone.signal);
  try {
    const first = await read(start);
    if (!begin(response, { start, first, isPart: request.headers.range !== undefined })) return;
    for (let part = first, at = start; part; part = await read(at)) {
      if (part.body.length === 0) throw new Error('the blob has become shorter');
      at += part.body.length;
      if (!response.write(part.body)) await once(response, 'drain', { signal: gone.signal });
      if (at >= part.totalBytes) return void response.end();
    }
    throw new Error('the blob is gone');
  } catch (error) {
    // A reader that hangs up has what it wanted.
    if (gone.signal.aborted) return;
    if (response.headersSent) throw error;
    response.writeHead(toAppError(error).status).end();
  }
}

/** Sends the head of the answer; false where that is all there is to say. */
function begin(
  response: ServerResponse,
  { start, first, isPart }: { start: number; first: BlobPart | undefined; isPart: boolean },
): boolean {
  const end = (status: number, headers = {}): false => {
    response.writeHead(status, headers).end();
    return false;
  };
  if (!first) return end(404);
  const { totalBytes } = first;
  if (start >= totalBytes) return end(416, { 'content-range': `bytes */${totalBytes}` });
  response.writeHead(isPart ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-length': totalBytes - start,
    ...(isPart && { 'content-range': `bytes ${start}-${totalBytes - 1}/${totalBytes}` }),
  });
  return true;
}
