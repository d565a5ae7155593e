import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import { pino } from 'pino';
import { type ClientOptions, WebSocket } from 'ws';
import { AppError } from '../../schema/errors.js';
import { Role } from '../../schema/permissions.js';
import { type Caller, userCaller } from '../auth/caller.js';
import type { Connection } from './socket-protocol.js';
import { createSocketServer, type SocketServer, type SocketServerDeps } from './socket-server.js';

const caller: Caller = { kind: 'API_KEY', id: 'key_a', grants: [] };

/** Every credential speaks for this caller, or for nobody. */
const speakingFor = (speaker: () => Caller | undefined, asked: (credentials: readonly string[]) => void) => ({
  verifyAll(credentials: readonly string[]) {
    asked(credentials);
    const found = speaker();
    return Promise.resolve(new Map(found && credentials.map((credential) => [credential, found])));
  },
});
const nothing = () => undefined;

interface Opened {
  socket: ProtocolSocket;
  connection: Connection;
}

interface Fixture {
  sockets: SocketServer;
  /** Connects a client; resolves when the server has taken it. */
  connect: (options?: ClientOptions) => Promise<{ client: WebSocket } & Opened>;
}

async function withSockets(options: Partial<SocketServerDeps>, work: (fixture: Fixture) => Promise<void>) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  let taken = Promise.withResolvers<Opened>();
  const sockets = createSocketServer({
    server,
    path: '/graphql',
    protocol: {
      opened(socket, connection) {
        taken.resolve({ socket, connection });
        return () => Promise.resolve();
      },
    },
    authenticator: speakingFor(() => caller, nothing),
    limits: { takeFromAddress: () => undefined },
    addressOf: () => '192.0.2.1',
    log: pino({ level: 'silent' }),
    newRequestId: () => 'request-1',
    ...options,
  });
  try {
    await work({
      sockets,
      async connect(clientOptions) {
        taken = Promise.withResolvers();
        const { port } = server.address() as AddressInfo;
        const url = `ws://127.0.0.1:${port}/graphql`;
        const client = new WebSocket(url, 'graphql-transport-ws', clientOptions);
        await once(client, 'open');
        return { client, ...(await taken.promise) };
      },
    });
  } finally {
    await sockets.close();
    server.close();
  }
}

const closeCode = async (client: WebSocket): Promise<number> => {
  const [code] = (await once(client, 'close')) as [number];
  return code;
};

describe('the socket server', () => {
  it('closes the connections of a key that is not valid any more, and only those', () => {
    let isValid = true;
    const authenticator = speakingFor(() => (isValid ? caller : undefined), nothing);
    return withSockets({ authenticator, reverifyEveryMs: 5 }, async ({ connect }) => {
      const { client: other } = await connect();
      const { client, connection } = await connect();
      connection.admitted = { credential: 'secret', caller };
      isValid = false;
      expect(await closeCode(client)).toBe(4403);
      expect(other.readyState).toBe(WebSocket.OPEN);
    });
  });

  it('closes the connections of a user whose role has changed', () => {
    const as = (role: Role): Caller => userCaller({ _id: 'user_a' }, [{ organizationId: 'o', role }], 's');
    let role: Role = Role.MEMBER;
    const verifications = new Set<() => void>();
    const authenticator = speakingFor(
      () => as(role),
      () => verifications.forEach((told) => told()),
    );
    return withSockets({ authenticator, reverifyEveryMs: 5 }, async ({ sockets, connect }) => {
      const { client, connection } = await connect();
      connection.admitted = { credential: 'token', caller: as(Role.MEMBER) };
      for (let time = 0; time < 3; time += 1)
        await new Promise<void>((resolve) => verifications.add(resolve)).then(() => verifications.clear());
      expect(sockets.size).toBe(1);
      role = Role.VIEWER;
      expect(await closeCode(client)).toBe(4403);
    });
  });

  it('asks once for many connections of one credential', () => {
    const asked = Promise.withResolvers<readonly string[]>();
    const authenticator = speakingFor(
      () => caller,
      (credentials) => credentials.length > 1 && asked.resolve(credentials),
    );
    return withSockets({ authenticator, reverifyEveryMs: 5 }, async ({ connect }) => {
      for (const credential of ['a', 'b', 'a', 'a', 'b']) {
        const { connection } = await connect();
        connection.admitted = { credential, caller };
      }
      expect(await asked.promise).toEqual(['a', 'b']);
    });
  });

  it('keeps connections while keys cannot be verified', () => {
    const failed = Promise.withResolvers<void>();
    const authenticator = {
      verifyAll() {
        failed.resolve();
        return Promise.reject(new Error('database down'));
      },
    };
    return withSockets({ authenticator, reverifyEveryMs: 5 }, async ({ sockets, connect }) => {
      const { connection } = await connect();
      connection.admitted = { credential: 'secret', caller };
      await failed.promise;
      expect(sockets.size).toBe(1);
    });
  });

  it('drops a client that answers no pings, and keeps one that does', () =>
    // Long enough for a pong on a machine that is busy otherwise.
    withSockets({ pingEveryMs: 500 }, async ({ sockets, connect }) => {
      const { client: alive } = await connect();
      const { client: dead } = await connect({ autoPong: false });
      expect(await closeCode(dead)).toBe(1006);
      await once(alive, 'ping');
      await once(alive, 'ping');
      expect(sockets.size).toBe(1);
    }));

  it('drops a client that leaves too much unread', () =>
    withSockets({}, async ({ connect }) => {
      const { client, socket, connection } = await connect();
      client.pause();
      const text = 'x'.repeat(256 * 1024);
      while (connection.socket.readyState === WebSocket.OPEN) void socket.send(text);
      client.resume();
      expect(await closeCode(client)).toBe(1008);
    }));

  it('refuses connections of an address that has too many', () =>
    withSockets(
      {
        limits: {
          takeFromAddress(address) {
            expect(address).toBe('192.0.2.1');
            throw new AppError('RATE_LIMITED', { retryAfterSeconds: 7 });
          },
        },
      },
      async ({ sockets, connect }) => {
        await expect(connect()).rejects.toThrow('Unexpected server response: 429');
        expect(sockets.size).toBe(0);
      },
    ));

  it('gives up on clients that do not go when told to', () =>
    withSockets({ closeTimeoutMs: 20 }, async ({ sockets, connect }) => {
      const { client } = await connect();
      client.pause();
      await sockets.close();
      expect(sockets.size).toBe(0);
      client.terminate();
    }));
});
