import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { asError } from '../as-error.js';
import { bodyLength, isKept, parseReplyHead, type ReplyHead } from './reply-head.js';

export interface Request {
  method: 'GET' | 'HEAD';
  /** With its query, ready for the request line. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** For all of the reply, milliseconds. */
  withinMs: number;
  signal: AbortSignal;
  /**
   * Told of the reply once its head is there, and of the bytes that its body has, where it says so; what it throws ends the
   * request. Returns who takes the body, in pieces that are theirs for the time of the call only; undefined where nobody
   * wants it.
   */
  receive: (head: ReplyHead, length: number | undefined) => Take | undefined;
}

export type Take = (bytes: Buffer) => void;

/** Where a server is. */
export interface Origin {
  isSecure: boolean;
  host: string;
  port: number;
  /** As in its URL. */
  authority: string;
}

/** Milliseconds. */
export interface Patience {
  /** Until a connection is there. */
  connectMs: number;
  /** That one is kept for a next request. */
  idleMs: number;
}

/** Longer heads are refused. */
const MAX_HEAD_BYTES = 16 * 1024;

/** What nobody wants is read up to here, which is less than a new connection costs. */
const MAX_UNWANTED_BYTES = 64 * 1024;

/**
 * All connections read into the same memory, since each read is dealt with before the next: Node would take 64 KiB for each,
 * which V8 counts, and collects. So much at once saves turns of the event loop.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** What is under way on a connection. */
interface Exchange {
  request: Request;
  resolve: () => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
  onAbort: () => void;
  /** Of a head that is not whole. */
  begun: Buffer | undefined;
  head: ReplyHead | undefined;
  take: Take | undefined;
  /** Bytes of the body that are still to come. */
  left: number;
}

/** A connection to storage, over which one request after another is asked. */
export class StorageConnection {
  readonly #socket: Socket;
  readonly #hostLine: string;
  readonly #idleMs: number;
  readonly #onIdle: (connection: StorageConnection) => void;
  readonly #closed: Promise<unknown>;
  #current: Exchange | undefined;

  /** `onIdle`: it can be asked again. `onClosed`: it never can. */
  constructor(
    origin: Origin,
    { connectMs, idleMs }: Patience,
    events: {
      onIdle: (connection: StorageConnection) => void;
      onClosed: (connection: StorageConnection) => void;
    },
  ) {
    const { isSecure, host, port, authority } = origin;
    const onread: OnReadOpts = { buffer: readBuffer, callback: (length) => this.#read(length) };
    const options = { host, port, onread, noDelay: true };
    this.#socket = isSecure ? connectSecure({ ...options, servername: host }) : connectPlain(options);
    this.#idleMs = idleMs;
    this.#hostLine = `host: ${authority}\r\n`;
    this.#onIdle = events.onIdle;
    this.#closed = new Promise((resolve) => this.#socket.once('close', resolve));
    const connecting = setTimeout(() => this.#fail(new Error('storage does not connect')), connectMs);
    this.#socket
      .once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
      .on('timeout', () => this.#socket.destroy())
      .on('error', (error) => this.#fail(error))
      .on('close', () => {
        clearTimeout(connecting);
        this.#fail(new Error('storage closed the connection'));
        events.onClosed(this);
      });
  }

  /** Resolves when the reply is there and taken. @throws what went wrong, the signal's reason, what `receive` threw */
  ask(request: Request): Promise<void> {
    const { method, path, headers = {}, signal } = request;
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#fail(asError(signal.reason));
      const timer = setTimeout(() => this.#fail(new Error('storage takes too long')), request.withinMs);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#current = {
        ...{ request, resolve, reject, timer, onAbort },
        ...{ begun: undefined, head: undefined, take: undefined, left: 0 },
      };
      this.#socket.setTimeout(0);
      let text = `${method} ${path} HTTP/1.1\r\n${this.#hostLine}`;
      for (const name in headers) text += `${name}: ${headers[name] ?? ''}\r\n`;
      this.#socket.write(`${text}\r\n`, 'latin1');
    });
  }

  /** Whether it can still be asked. */
  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** Ends it, and what is under way on it. Resolves when it is closed. */
  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }

  #read(length: number): boolean {
    const exchange = this.#current;
    const bytes = readBuffer.subarray(0, length);
    try {
      if (!exchange) throw new Error('storage speaks without being asked');
      if (exchange.head) this.#take(exchange, bytes);
      else this.#readHead(exchange, bytes);
    } catch (error) {
      this.#fail(asError(error));
    }
    return true;
  }

  #readHead(exchange: Exchange, bytes: Buffer): void {
    const begun = exchange.begun ? Buffer.concat([exchange.begun, bytes]) : bytes;
    const end = begun.indexOf('\r\n\r\n');
    if (end > MAX_HEAD_BYTES || (end === -1 && begun.length > MAX_HEAD_BYTES))
      throw new Error('the head of a reply is too long');
    if (end === -1) {
      exchange.begun = Buffer.from(begun);
      return;
    }
    const { request } = exchange;
    const head = parseReplyHead(begun.toString('latin1', 0, end));
    const length = bodyLength(head, request.method);
    exchange.head = head;
    exchange.take = request.receive(head, length);
    if (exchange.take && length === undefined) throw new Error('storage does not say how long a blob is');
    if (!exchange.take && (length ?? Infinity) > MAX_UNWANTED_BYTES) return this.#finish(exchange, false);
    exchange.left = length ?? 0;
    this.#take(exchange, begun.subarray(end + 4));
  }

  #take(exchange: Exchange, bytes: Buffer): void {
    if (bytes.length > exchange.left) throw new Error('storage sends more than it announced');
    exchange.left -= bytes.length;
    if (bytes.length > 0) exchange.take?.(bytes);
    if (exchange.left === 0) this.#finish(exchange, exchange.head !== undefined && isKept(exchange.head));
  }

  #finish(exchange: Exchange, isUsable: boolean): void {
    this.#settle(exchange);
    exchange.resolve();
    if (!isUsable) return void this.#socket.destroy();
    this.#socket.setTimeout(this.#idleMs);
    this.#onIdle(this);
  }

  #fail(error: Error): void {
    const exchange = this.#current;
    this.#socket.destroy();
    if (!exchange) return;
    this.#settle(exchange);
    exchange.reject(error);
  }

  #settle({ timer, request, onAbort }: Exchange): void {
    this.#current = undefined;
    clearTimeout(timer);
    request.signal.removeEventListener('abort', onAbort);
  }
}
