import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What came in, as far as tests look at it. */
export interface SeenRequest {
  path: string;
  range?: string;
  ifRange?: string;
  acceptEncoding?: string;
}

/** Answers one request; `count` is how many came for the same path, this one included. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  count: number,
) => void | Promise<void>;

export interface BadServer extends AsyncDisposable {
  /** Address of a path, at 127.0.0.1. */
  url(path: string): URL;
  port: number;
  seen: SeenRequest[];
  /** Connections that are open. */
  open(): Promise<number>;
}

/** A server that answers each path as badly as the test wants it to; 404 elsewhere. */
export async function startBadServer(answers: Readonly<Record<string, Answer>>): Promise<BadServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const { range, 'if-range': ifRange, 'accept-encoding': encoding } = request.headers;
    seen.push({ path, range, ifRange: ifRange?.toString(), acceptEncoding: encoding?.toString() });
    const answer = answers[path.split('?')[0] ?? ''];
    if (!answer) return void response.writeHead(404).end('secret of the server');
    const count = seen.filter((other) => other.path === path).length;
    // Who hangs up in the middle of a bad answer is right to.
    response.on('error', () => undefined);
    Promise.resolve(answer(request, response, count)).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen,
    url: (path) => new URL(path, `http://127.0.0.1:${port}`),
    open: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface ServedFile {
  body: Buffer;
  etag?: string;
  /** Absent: no `Accept-Ranges`, and ranges are not looked at. */
  hasRanges?: boolean;
  /** Breaks the connection off after as many bytes of each answer. */
  breakAfter?: number;
}

/** Serves a file as it should be served, ranges and `If-Range` included, until it breaks off. */
export function serveFile(request: IncomingMessage, response: ServerResponse, file: ServedFile): void {
  const { body, etag, hasRanges } = file;
  const { range, 'if-range': condition } = request.headers;
  const mayBePart = hasRanges && range && (condition === undefined || condition === etag);
  const start = mayBePart ? Number(/^bytes=(\d+)-$/.exec(range)?.[1]) : 0;
  response.writeHead(mayBePart ? 206 : 200, {
    'content-length': body.length - start,
    ...(hasRanges && { 'accept-ranges': 'bytes' }),
    ...(etag !== undefined && { etag }),
    ...(mayBePart && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  const end = file.breakAfter === undefined ? body.length : start + file.breakAfter;
  if (end >= body.length) return void response.end(body.subarray(start));
  breakOff(response, body.subarray(start, end));
}

/** Sends the bytes and then closes the connection in the middle of the answer. */
export function breakOff(response: ServerResponse, bytes: Buffer): void {
  response.write(bytes, () => response.socket?.destroySoon());
}
