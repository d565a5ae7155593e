import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';
import type { TrustProxy } from '../../platform/trusted-proxies.js';
import { Connection, type ConnectionDeps } from './connection.js';

/** Connections that are served without Node's HTTP server, until they ask for what only that one answers. */
export interface DirectConnections {
  /** Closes each, after the answer that is under way on it. */
  end(): void;
}

/**
 * Serves a server's connections directly. What comes on them that is no plain request for a published file goes to
 * `server` as if it had come there (https://nodejs.org/api/http.html#event-connection), with the connection.
 */
export function serveDirectly(
  server: Server,
  deps: Pick<ConnectionDeps, 'answers' | 'accessLog' | 'idleTimeoutMs'> & { trust: TrustProxy },
): DirectConnections {
  const open = new Set<Connection>();
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  let isEnding = false;

  const keepAliveMs = server.keepAliveTimeout;
  const shared: ConnectionDeps = {
    ...{ ...deps, keepAliveMs },
    keepAlive: `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`,
    addressOf: (socket, headers) =>
      'x-forwarded-for' in headers
        ? proxyAddress({ socket, headers } as unknown as IncomingMessage, deps.trust)
        : (socket.remoteAddress ?? ''),
  };

  server.on('connection', (socket: Socket) => {
    const handOver = (unread: Buffer): void => {
      open.delete(connection);
      socket.off('close', forget).pause().unshift(unread);
      for (const listener of listeners) listener.call(server, socket);
      socket.resume();
    };
    const connection = new Connection(socket, shared, { isLast: isEnding, handOver });
    const forget = () => open.delete(connection);
    open.add(connection);
    socket.once('close', forget);
  });

  return {
    end() {
      isEnding = true;
      for (const connection of open) connection.end();
    },
  };
}
