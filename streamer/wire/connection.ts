import type { Socket } from 'node:net';
import { isPromise } from 'node:util/types';
import type { AccessLog } from '../access-log.js';
import type { StreamAnswers } from '../stream-answers.js';
import type { StreamAnswer } from '../stream-request.js';
import { Exchange } from './exchange.js';
import { readRequestHead, type RequestHead } from './request-head.js';
import { sendAnswer } from './send-answer.js';

export interface ConnectionDeps {
  answers: StreamAnswers;
  accessLog: AccessLog;
  /** Where a request comes from, as far as it is to be believed. */
  addressOf: (socket: Socket, headers: RequestHead['headers']) => string;
  /** Milliseconds without a byte either way, while an answer is under way. */
  idleTimeoutMs: number;
  /** Milliseconds that a connection is kept for a next request. */
  keepAliveMs: number;
  /** What tells clients so: lines of a header. */
  keepAlive: string;
}

/** Of one connection. */
export interface ConnectionOptions {
  /** It is closed after one answer. */
  isLast: boolean;
  /** Gives it to Node's own HTTP server, with what was read from it and not answered. */
  handOver: (unread: Buffer) => void;
}

/**
 * A connection on which one request after another is answered, for as long as they are of the plain kind: from the first
 * other one on, Node's own server has it. Of what comes while an answer is under way, one read is held, and no more is
 * taken.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #handOverTo: ConnectionOptions['handOver'];
  #current: Exchange | undefined;
  #unread: Buffer | undefined;
  /** The server stops. */
  #isLast: boolean;

  constructor(socket: Socket, deps: ConnectionDeps, { isLast, handOver }: ConnectionOptions) {
    this.#isLast = isLast;
    this.#handOverTo = handOver;
    this.#socket = socket;
    this.#deps = deps;
    socket.setTimeout(deps.idleTimeoutMs);
    socket
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('timeout', this.#onTimeout)
      .on('error', this.#onError)
      .on('close', this.#onClose);
  }

  /** Closes it, after the answer that is under way. */
  end(): void {
    this.#isLast = true;
    if (!this.#current) this.#socket.end();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (!this.#current) return this.#read(bytes);
    this.#unread = this.#unread ? Buffer.concat([this.#unread, bytes]) : bytes;
    this.#socket.pause();
  };

  /** Who sends no more has left, as far as HTTP servers can tell: what was written still goes out. */
  readonly #onEnd = (): void => void this.#socket.end();

  readonly #onTimeout = (): void => void this.#socket.destroy();

  /** What follows it is `close`. */
  readonly #onError = (): void => undefined;

  readonly #onClose = (): void => {
    const exchange = this.#current;
    if (!exchange) return;
    this.#current = undefined;
    this.#deps.accessLog.left(exchange);
    exchange.close();
  };

  #read(bytes: Buffer): void {
    const head = readRequestHead(bytes);
    if (!head) return this.#handOver(bytes);
    const exchange = new Exchange(head, this.#socket, this.#deps.addressOf(this.#socket, head.headers));
    this.#current = exchange;
    this.#socket.setTimeout(this.#deps.idleTimeoutMs);
    const outcome = this.#deps.answers(exchange);
    if (isPromise(outcome)) void outcome.then((answer) => this.#send(exchange, answer));
    else this.#send(exchange, outcome);
  }

  #handOver(unread: Buffer): void {
    this.#socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('timeout', this.#onTimeout)
      .off('error', this.#onError)
      .off('close', this.#onClose);
    this.#handOverTo(unread);
  }

  #send(exchange: Exchange, answer: StreamAnswer | undefined): void {
    if (!answer || exchange.destroyed) return;
    const { streaming } = exchange;
    const isLast = this.#isLast;
    const sending = {
      isHead: exchange.method === 'HEAD',
      connection: isLast ? 'connection: close\r\n' : this.#deps.keepAlive,
      onTaken: (bytes: number) => {
        if (streaming) streaming.taken = bytes;
      },
    };
    sendAnswer(this.#socket, answer, sending).then(
      () => this.#sent(exchange, answer),
      // An answer that can't be finished can only be broken off.
      () => this.#socket.destroy(),
    );
  }

  #sent(exchange: Exchange, { status, headers }: StreamAnswer): void {
    if (this.#current !== exchange) return;
    this.#current = undefined;
    const { durationMs } = exchange;
    this.#deps.accessLog.answered(exchange, { status, contentLength: headers['content-length'], durationMs });
    exchange.close();
    if (this.#isLast) return void this.#socket.end();
    this.#socket.setTimeout(this.#deps.keepAliveMs);
    const unread = this.#unread;
    if (!unread) return;
    this.#unread = undefined;
    this.#socket.resume();
    this.#read(unread);
  }
}
