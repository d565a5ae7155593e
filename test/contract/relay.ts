import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to blob storage that can be stopped up. Signatures hold: they do not cover the host. */
export interface Relay extends AsyncDisposable {
  connectionString: string;
  /** From now on nothing comes through: connections stay open, and new ones are accepted. */
  stall(): void;
}

export async function startRelay(connectionString: string): Promise<Relay> {
  const target = new URL(/BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((incoming) => {
    sockets.add(incoming);
    incoming.on('error', () => incoming.destroy());
    if (stalled) return;
    const outgoing = connect(Number(target.port), target.hostname);
    sockets.add(outgoing);
    outgoing.on('error', () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: connectionString.replace(target.host, `127.0.0.1:${port}`),
    stall() {
      stalled = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
