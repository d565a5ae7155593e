import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort, freePorts, isPortFree } from './free-port.js';

/** Linux and macOS give outgoing connections their ports from here on, as they come. */
const FIRST_OUTGOING = 32_768;

describe('freePort', () => {
  it('gives each who asks another port, none that an outgoing connection could take', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
    expect(ports.filter((port) => port < 1024 || port >= FIRST_OUTGOING)).toEqual([]);
  });

  it('gives the preferred one unless somebody listens there', async () => {
    const port = await freePort();
    await expect(freePort(port)).resolves.toBe(port);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    try {
      await expect(isPortFree(port)).resolves.toBe(false);
      await expect(freePort(port)).resolves.not.toBe(port);
    } finally {
      server.close();
    }
  });

  it('gives two that prefer the same port different ones', async () => {
    const port = await freePort();
    const { first, second } = await freePorts({ first: port, second: port });
    expect(first).toBe(port);
    expect(second).not.toBe(port);
  });
});
