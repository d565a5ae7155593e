import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded } from './seeded.js';

/** What goes wrong with one call. `unanswered` has its effect, and nobody hears of it; `cut` is half an answer. */
const failures = ['500', '503', 'refused', 'unanswered', 'cut'] as const;
type Failure = (typeof failures)[number];

/** Blob storage behind a proxy that lets a share of the calls fail. Signatures hold: they do not cover the host. */
export interface UnreliableStorage {
  connectionString: string;
  readonly calls: number;
  readonly failed: Readonly<Record<Failure, number>>;
  close(): Promise<void>;
}

/** Passes a call on, and its answer back, or what `failure` leaves of it. */
function forward(
  target: URL,
  call: { request: IncomingMessage; response: ServerResponse; failure?: Failure },
): void {
  const { request, response, failure } = call;
  const { method, headers, url: path } = request;
  const passed = httpRequest(
    { host: target.hostname, port: target.port, method, headers, path },
    (answer) => {
      if (failure === 'unanswered') {
        answer.resume();
        answer.once('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (failure !== 'cut') return void answer.pipe(response);
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.once('end', () => {
        const body = Buffer.concat(pieces);
        response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
      });
    },
  );
  passed.once('error', () => request.socket.destroy());
  request.once('close', () => request.complete || passed.destroy());
  request.pipe(passed);
}

function fail(status: number, { request, response }: { request: IncomingMessage; response: ServerResponse }) {
  request.resume();
  request.once('end', () => response.writeHead(status, { 'content-length': 0 }).end());
}

/** @param options.share of the calls that fail, from 0 to 1; always the same ones for a seed */
export async function startUnreliableStorage(options: {
  connectionString: string;
  share: number;
  seed: number;
}): Promise<UnreliableStorage> {
  const target = new URL(/BlobEndpoint=([^;]+)/.exec(options.connectionString)?.[1] ?? '');
  const random = seeded(options.seed);
  const failed = { '500': 0, '503': 0, refused: 0, unanswered: 0, cut: 0 };
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    const call = { request, response };
    if (random() >= options.share) return forward(target, call);
    const failure = failures[Math.floor(random() * failures.length)] ?? '500';
    failed[failure] += 1;
    if (failure === 'refused') return void request.socket.destroy();
    if (failure === '500' || failure === '503') return fail(Number(failure), call);
    forward(target, { ...call, failure });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: options.connectionString.replace(target.host, `127.0.0.1:${port}`),
    failed,
    get calls() {
      return calls;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
