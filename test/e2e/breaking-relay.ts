import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server on which connections break. */
export interface BreakingRelay extends AsyncDisposable {
  url: string;
  /** How many connections were broken. */
  readonly breaks: number;
}

/** @param nextBreak how many bytes a new connection carries to the server until it breaks, after so many breaks; undefined: it does not */
export async function startBreakingRelay(
  target: string,
  nextBreak: (breaks: number) => number | undefined,
): Promise<BreakingRelay> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  let breaks = 0;
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), hostname);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    let left = nextBreak(breaks);
    incoming.on('data', (bytes: Buffer) => {
      if (left === undefined || bytes.length < left) {
        if (left !== undefined) left -= bytes.length;
        return void outgoing.write(bytes);
      }
      breaks += 1;
      incoming.removeAllListeners('data').pause();
      // What was sent before the break arrives.
      outgoing.write(bytes.subarray(0, left), () => incoming.destroy());
    });
    outgoing.pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get breaks() {
      return breaks;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
