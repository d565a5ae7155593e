import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** What to do with a request instead of serving it; undefined serves it. `index` counts requests from 0. */
export type Fault = (
  index: number,
  range: { start: number; end: number; size: number },
) => FaultAction | undefined;

export type FaultAction = { status: number } | { closeAfterBytes: number } | 'hang';

export interface MediaServer {
  /** Address of a local file, and how it misbehaves when it is asked for. */
  urlOf(file: string, fault?: Fault): string;
  /** How often an address was asked for. */
  requestsTo(url: string): number;
  close(): Promise<void>;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  fault: Fault | undefined,
  index: number,
): Promise<void> {
  const { size } = await stat(file);
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(asked?.[1] ?? 0);
  const end = asked?.[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
  const action = fault?.(index, { start, end, size });
  if (action === 'hang') return;
  if (action && 'status' in action) return void response.writeHead(action.status).end();
  if (start >= size) return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
  response.writeHead(asked ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(asked ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  });
  if (!action) return pipeline(createReadStream(file, { start, end }), response);
  const last = Math.min(end, start + action.closeAfterBytes);
  for await (const piece of createReadStream(file, { start, end: last })) response.write(piece);
  response.destroy();
}

/** Serves local files with byte ranges, as blob storage does, on a port of its own. */
export async function startMediaServer(): Promise<MediaServer> {
  const files = new Map<string, { file: string; fault: Fault | undefined; requests: number }>();
  const server = createServer((request, response) => {
    const entry = files.get(request.url ?? '');
    if (!entry) return void response.writeHead(404).end();
    entry.requests += 1;
    // A client that has read enough closes the connection: that is its right.
    respond(request, response, entry.file, entry.fault, entry.requests - 1).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf(file, fault) {
      // As in blob storage: nothing in the address tells what kind of file it is.
      const url = `/${files.size}/source`;
      files.set(url, { file, fault, requests: 0 });
      return `http://127.0.0.1:${port}${url}`;
    },
    requestsTo: (url) => files.get(new URL(url).pathname)?.requests ?? 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
