import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32,768 on Linux, from 49,152
 * elsewhere): such a connection cannot take a port between the look at it and the listening.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_768;

/** Processes that look at the same moment begin at different places. */
let looked = randomInt(PORTS);

/** A port of 127.0.0.1 that nobody listens on: `preferred` where it is free, else any. */
export async function freePort(preferred = 0): Promise<number> {
  if (preferred && (await isPortFree(preferred))) return preferred;
  for (let tries = 0; tries < PORTS; tries += 1) {
    looked = (looked + 1) % PORTS;
    const port = FIRST_PORT + looked;
    if (await isPortFree(port)) return port;
  }
  throw new Error('No free port on 127.0.0.1');
}

/** Whether somebody could listen on this port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
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
