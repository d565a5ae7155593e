import { asError } from '../as-error.js';
import { type Origin, type Patience, type Request, StorageConnection } from './connection.js';

/**
 * Asks a server for what it keeps, over connections that stay open: HTTP/1.1 (RFC 9112) as far as reading blobs needs it.
 * Only who asks knows how many requests at a time there may be.
 */
export interface StorageClient {
  /** Resolves when the reply is there and taken. @throws what went wrong, the signal's reason, what `receive` threw */
  ask(request: Request): Promise<void>;
  /** Ends all that is under way. */
  close(): Promise<void>;
}

/** Servers close connections that nobody has used for five seconds or more: we are first. */
const PATIENCE: Patience = { connectMs: 2_000, idleMs: 4_000 };

export function createStorageClient(deps: { origin: string; patience?: Patience }): StorageClient {
  const { patience = PATIENCE } = deps;
  const origin = parseOrigin(deps.origin);
  const all = new Set<StorageConnection>();
  /** The one used last is the least likely to be closed by the server; those that are closed go when they are met. */
  const idle: StorageConnection[] = [];

  function free(): StorageConnection {
    for (let last = idle.pop(); last; last = idle.pop()) if (last.isOpen) return last;
    return open();
  }

  function open(): StorageConnection {
    const connection = new StorageConnection(origin, patience, {
      onIdle: (done) => idle.push(done),
      onClosed: (closed) => all.delete(closed),
    });
    all.add(connection);
    return connection;
  }

  return {
    ask(request) {
      const { signal } = request;
      return signal.aborted ? Promise.reject(asError(signal.reason)) : free().ask(request);
    },
    async close() {
      await Promise.all([...all].map((connection) => connection.destroy()));
    },
  };
}

function parseOrigin(text: string): Origin {
  const { protocol, hostname, port, host: authority } = new URL(text);
  const isSecure = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return { isSecure, host, port: port ? Number(port) : isSecure ? 443 : 80, authority };
}
