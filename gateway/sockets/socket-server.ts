import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { CloseCode, handleProtocols, type Server } from 'graphql-ws';
import { type VerifyClientCallbackAsync, type WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../../platform/logger.js';
import { retryAfter } from '../../platform/problem.js';
import { toAppError } from '../../schema/errors.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { RequestLimits } from '../limits/request-limits.js';
import type { Connection } from './socket-protocol.js';

export interface SocketServer {
  /** Open connections. */
  readonly size: number;
  /** Tells every client to go away, and waits until they have or time is up. */
  close(): Promise<void>;
}

export interface SocketServerDeps {
  server: HttpServer;
  path: string;
  protocol: Server<Connection>;
  authenticator: Pick<Authenticator, 'verifyAll'>;
  limits: Pick<RequestLimits, 'takeFromAddress'>;
  /** Where a connection comes from. */
  addressOf: (request: IncomingMessage) => string;
  log: Logger;
  newRequestId: () => string;
  /** A client that does not answer a ping within this time is gone, milliseconds. */
  pingEveryMs?: number;
  /**
   * A credential that expires, is revoked or may do something else than before loses its connections within
   * this time, milliseconds.
   */
  reverifyEveryMs?: number;
  /** A client that was told to go away may take this long, milliseconds. */
  closeTimeoutMs?: number;
}

const MAX_MESSAGE_BYTES = 64 * 1024;
/** Bytes a client may leave unread before it is dropped. */
const MAX_UNSENT_BYTES = 1024 * 1024;
const PING_EVERY_MS = 15_000;
/** Short enough that a revocation has reached every connection in five seconds, the look itself included. */
const REVERIFY_EVERY_MS = 3_000;
const CLOSE_TIMEOUT_MS = 3_000;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** Carries the protocol over WebSockets on the gateway's HTTP server. */
export function createSocketServer(deps: SocketServerDeps): SocketServer {
  const sockets = new WebSocketServer({
    server: deps.server,
    path: deps.path,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => handleProtocols(offered),
    verifyClient: ({ req }, done) => admit(req, done),
  });
  const connections = new Map<WebSocket, Connection>();
  const answered = new WeakSet<WebSocket>();

  sockets.on('connection', (socket, request) => {
    const requestId = deps.newRequestId();
    const address = deps.addressOf(request);
    const { origin } = request.headers;
    const connection: Connection = { socket, requestId, address, origin, log: deps.log.child({ requestId }) };
    connections.set(socket, connection);
    answered.add(socket);
    socket.on('pong', () => answered.add(socket));
    socket.on('error', (err) => connection.log.info({ err }, 'connection failed'));
    connect(connection);
  });

  /** Its credential comes later; what counts here is the connection itself. */
  function admit(request: IncomingMessage, done: Parameters<VerifyClientCallbackAsync>[1]): void {
    try {
      deps.limits.takeFromAddress(deps.addressOf(request), { hasCredential: true });
      done(true);
    } catch (error) {
      const refused = toAppError(error);
      done(false, refused.status, refused.message, retryAfter(refused));
    }
  }

  function connect(connection: Connection): void {
    const { socket, address, log } = connection;
    log.debug({ address }, 'connection opened');
    const closed = deps.protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', (data: Buffer) => {
            handle(data.toString('utf8')).catch((err: unknown) => fail(connection, err));
          }),
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      connections.delete(socket);
      log.debug({ code }, 'connection closed');
      closed(code, reason.toString()).catch((err: unknown) => log.warn({ err }, 'connection not tidied up'));
    });
  }

  function fail({ socket, log }: Connection, err: unknown): void {
    if (socket.readyState !== socket.OPEN) return;
    log.error({ err }, 'message of a connection failed');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  }

  /** All together: thousands of connections have few credentials. */
  async function reverify(): Promise<void> {
    const open = [...connections.values()].flatMap(({ socket, admitted }) =>
      admitted ? [{ socket, ...admitted }] : [],
    );
    if (open.length === 0) return;
    const credentials = new Set(open.map(({ credential }) => credential));
    const callers = await deps.authenticator.verifyAll([...credentials]);
    for (const { socket, credential, caller } of open) {
      if (!isDeepStrictEqual(callers.get(credential)?.grants, caller.grants))
        socket.close(CloseCode.Forbidden, 'Forbidden');
    }
  }

  /** While the database is slow, one look is enough. */
  let reverifying: Promise<void> | undefined;
  function reverifyOnce(): void {
    reverifying ??= reverify()
      .catch((err: unknown) => deps.log.warn({ err }, 'connections not verified again'))
      .finally(() => (reverifying = undefined));
  }

  function ping(): void {
    for (const socket of connections.keys()) {
      if (!answered.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }

  const timers = [
    setInterval(ping, deps.pingEveryMs ?? PING_EVERY_MS),
    setInterval(reverifyOnce, deps.reverifyEveryMs ?? REVERIFY_EVERY_MS),
  ];

  return {
    get size() {
      return connections.size;
    },
    async close() {
      timers.forEach(clearInterval);
      for (const socket of connections.keys()) socket.close(GOING_AWAY, 'Going away');
      const late = setTimeout(() => {
        for (const socket of connections.keys()) socket.terminate();
      }, deps.closeTimeoutMs ?? CLOSE_TIMEOUT_MS);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(late);
    },
  };
}

/** Resolves when the text is on its way; until then no further event of its subscription is made. */
function send(socket: WebSocket, text: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
    socket.close(POLICY_VIOLATION, 'Too slow');
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => socket.send(text, (error) => (error ? reject(error) : resolve())));
}
