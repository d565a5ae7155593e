import { createServer, type AddressInfo } from 'node:net';

/** A port of 127.0.0.1 that nobody listens on: `preferred` where it is free, else any. */
export async function freePort(preferred = 0): Promise<number> {
  const port = await tryPort(preferred);
  return port ?? (await tryPort(0)) ?? Promise.reject(new Error('No free port on 127.0.0.1'));
}

/** Whether somebody could listen on this port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== undefined;
}

/** Different ports, each with its preference. */
export async function freePorts<K extends string>(preferred: Record<K, number>): Promise<Record<K, number>> {
  const taken = new Set<number>();
  const ports: Partial<Record<K, number>> = {};
  for (const name of Object.keys(preferred) as K[]) {
    let port = await freePort(preferred[name]);
    while (taken.has(port)) port = await freePort();
    taken.add(port);
    ports[name] = port;
  }
  return ports as Record<K, number>;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
