import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  createServer as createSecureServer,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
} from 'node:tls';
import { certificate, certificateKey } from '../../test/support/tls-certificate.js';
import { createStorageClient, type StorageClient } from './client.js';
import type { Patience, Request } from './connection.js';

let server: Server;
let client: StorageClient;
const sockets: Socket[] = [];

/** A client of a server that does `serve` with each connection. */
async function connectTo(
  serve: (socket: Socket) => void,
  options: { host?: string; patience?: Patience } = {},
): Promise<void> {
  const { host = '127.0.0.1', patience } = options;
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  client = createStorageClient({ origin, ...(patience && { patience }) });
}

afterEach(async () => {
  await client.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** Asks, and resolves to the status and what the body was. */
async function ask(path: string, options: Partial<Request> = {}): Promise<[number, string]> {
  let [status, body] = [0, ''];
  await client.ask({
    ...{ method: 'GET', path, withinMs: 10_000, signal: new AbortController().signal },
    receive: (head) => {
      ({ status } = head);
      return (bytes) => (body += bytes.toString());
    },
    ...options,
  });
  return [status, body];
}

/** Answers each request with what `reply` says to its text. */
const answering = (reply: (request: string) => string) => (socket: Socket) =>
  socket.on('data', (bytes: Buffer) => socket.write(reply(bytes.toString())));

const ok = (body: string, ...fields: string[]): string =>
  ['HTTP/1.1 200 OK', `content-length: ${body.length}`, ...fields, '', body].join('\r\n');

const longFields = 'x-long: 0123456789\r\n'.repeat(1000);

const overIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
  ? it
  : it.skip;

describe('the client of storage', () => {
  it('asks one request after another over one connection, and several at a time over several', async () => {
    const texts: string[] = [];
    await connectTo(
      answering((text) => {
        texts.push(text);
        return ok(text.split(' ')[1] ?? '');
      }),
    );
    expect(await ask('/a?b', { headers: { range: 'bytes=1-' } })).toEqual([200, '/a?b']);
    const { port } = server.address() as AddressInfo;
    expect(texts).toEqual([`GET /a?b HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nrange: bytes=1-\r\n\r\n`]);
    expect(await ask('/c')).toEqual([200, '/c']);
    expect(sockets).toHaveLength(1);
    const both = await Promise.all([ask('/d'), ask('/e')]);
    expect(both).toEqual([
      [200, '/d'],
      [200, '/e'],
    ]);
    expect(sockets).toHaveLength(2);
  });

  it('reads a reply that comes byte by byte', async () => {
    await connectTo((socket) => {
      socket.setNoDelay(true).once('data', () => {
        void (async () => {
          for (const byte of ok('the body', 'etag: "1"'))
            await new Promise((resolve) => socket.write(byte, resolve));
        })();
      });
    });
    expect(await ask('/')).toEqual([200, 'the body']);
  });

  it('keeps a connection whose body nobody wanted, unless that is long or has no announced end', async () => {
    const bodies: Record<string, string> = {
      '/short': ok('x'.repeat(1000)),
      '/long': ok('x'.repeat(100_000)),
      '/endless': 'HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnope\r\n',
    };
    await connectTo(answering((text) => bodies[text.split(' ')[1] ?? ''] ?? ''));
    for (const path of ['/short', '/short', '/long', '/endless', '/short'])
      await ask(path, { receive: () => undefined });
    expect(sockets).toHaveLength(3);
  });

  it('opens another connection where the server closes, or says that it will', async () => {
    await connectTo(
      answering((text) => ok('body', ...(text.includes('/last') ? ['connection: close'] : []))),
    );
    await ask('/');
    sockets[0]?.end();
    await once(sockets[0]!, 'close');
    await ask('/last');
    await ask('/');
    expect(sockets).toHaveLength(3);
  });

  it.each([
    ['nonsense', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'not a reply of HTTP/1.1'],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${longFields}`, 'head of a reply is too long'],
    ['a long head', `HTTP/1.1 200 OK\r\n${longFields}\r\n`, 'head of a reply is too long'],
    ['a body without a length', 'HTTP/1.1 200 OK\r\n\r\nbody', 'does not say how long'],
    ['more than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nbody', 'more than it announced'],
  ])('gives up a connection that brings %s', async (_what, bytes, message) => {
    await connectTo((socket) => socket.once('data', () => socket.write(bytes)));
    const closed = new Promise((resolve) =>
      server.once('connection', (socket) => socket.once('close', resolve)),
    );
    await expect(ask('/')).rejects.toThrow(message);
    await closed;
  });

  it('drops a connection that brings what nobody has asked for', async () => {
    const patience = { connectMs: 2_000, idleMs: 60_000 };
    await connectTo(
      answering(() => ok('body')),
      { patience },
    );
    await ask('/');
    const [first] = sockets;
    first?.write(ok('more'));
    await once(first!, 'close');
    expect(await ask('/')).toEqual([200, 'body']);
    expect(sockets).toHaveLength(2);
  });

  it('closes a connection that nobody uses, and none that is waited for', async () => {
    const patience = { connectMs: 2_000, idleMs: 100 };
    await connectTo(
      (socket) => socket.on('data', () => setTimeout(() => socket.write(ok('late')), 3 * patience.idleMs)),
      { patience },
    );
    await ask('/');
    expect(await ask('/')).toEqual([200, 'late']);
    expect(sockets).toHaveLength(1);
    await once(sockets[0]!, 'close');
  });

  it('lets what belongs to one request end no other', async () => {
    const caller = new AbortController();
    const withinMs = 500;
    await connectTo((socket) => {
      socket.once('data', () => {
        socket.write(ok('first'));
        socket.once('data', () => {
          caller.abort();
          setTimeout(() => socket.write(ok('second')), 2 * withinMs);
        });
      });
    });
    expect(await ask('/', { signal: caller.signal, withinMs })).toEqual([200, 'first']);
    expect(await ask('/')).toEqual([200, 'second']);
  });

  it('fails where a connection is never there', async () => {
    await connectTo(() => undefined);
    const { port } = server.address() as AddressInfo;
    client = createStorageClient({
      origin: `https://127.0.0.1:${port}`,
      patience: { connectMs: 50, idleMs: 4_000 },
    });
    await expect(ask('/')).rejects.toThrow('does not connect');
  });

  overIpv6('reads over IPv6', async () => {
    await connectTo(
      answering(() => ok('body')),
      { host: '::1' },
    );
    expect(await ask('/')).toEqual([200, 'body']);
  });

  it('fails where the body breaks off', async () => {
    await connectTo((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbegin')),
    );
    await expect(ask('/')).rejects.toThrow('closed the connection');
  });

  it('fails where nobody listens, where there is no answer in time, and where its caller leaves', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    await connectTo((socket) => socket.once('data', () => resolve()));
    await expect(ask('/', { withinMs: 50 })).rejects.toThrow('takes too long');
    const caller = new AbortController();
    const left = ask('/', { signal: caller.signal });
    await asked;
    caller.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await expect(ask('/', { signal: caller.signal })).rejects.toThrow('left');
    server.close();
    await expect(ask('/')).rejects.toThrow();
  });

  it('passes on what its caller makes of a reply', async () => {
    await connectTo(answering(() => ok('body')));
    const refused = ask('/', {
      receive() {
        throw new Error('refused');
      },
    });
    await expect(refused).rejects.toThrow('refused');
    const inTheMiddle = ask('/', {
      receive: () => () => {
        throw new Error('too much');
      },
    });
    await expect(inTheMiddle).rejects.toThrow('too much');
    expect(await ask('/')).toEqual([200, 'body']);
  });

  it('reads over TLS from a server whose certificate is trusted, and from no other', async () => {
    const body = 'x'.repeat(600_000);
    let asked = 0;
    const secure = createSecureServer({ cert: certificate, key: certificateKey }, (socket: TLSSocket) => {
      sockets.push(socket);
      socket.once('data', () => (asked += 1));
      socket.on('error', () => undefined).on('data', () => socket.write(ok(body)));
    });
    server = secure;
    await once(secure.listen(0, 'localhost'), 'listening');
    client = createStorageClient({ origin: `https://localhost:${(secure.address() as AddressInfo).port}` });
    const trusted = getCACertificates();
    await expect(ask('/')).rejects.toThrow('self-signed certificate');
    setDefaultCACertificates([...trusted, certificate]);
    try {
      for (let n = 0; n < 3; n += 1) expect((await ask('/'))[1] === body).toBe(true);
    } finally {
      setDefaultCACertificates(trusted);
    }
    expect(asked).toBe(1);
  });

  it('ends what is under way when it is closed', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    await connectTo((socket) => socket.once('data', () => resolve()));
    const pending = ask('/');
    await asked;
    const ended = expect(pending).rejects.toThrow('closed the connection');
    await client.close();
    await ended;
  });
});
