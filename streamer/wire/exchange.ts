import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Receiver, Streaming, StreamRequest } from '../stream-request.js';
import type { RequestHead } from './request-head.js';

/** One request on a connection, until its answer has been taken; emits `close` then. */
export class Exchange extends EventEmitter implements StreamRequest, Receiver {
  readonly method: string;
  readonly url: string;
  readonly headers: RequestHead['headers'];
  streaming: Streaming | null = null;
  readonly #startedAt = performance.now();
  readonly #socket: Socket;
  #id: string | undefined;
  #isClosed = false;

  constructor(
    { method, url, headers }: RequestHead,
    socket: Socket,
    readonly address: string,
  ) {
    super();
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.#socket = socket;
  }

  /** Few are ever named. */
  get id(): string {
    return (this.#id ??= randomUUID());
  }

  get receiver(): Receiver {
    return this;
  }

  get destroyed(): boolean {
    return this.#isClosed || this.#socket.destroyed;
  }

  /** Milliseconds since it came. */
  get durationMs(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Tells all who wait for its end. */
  close(): void {
    this.#isClosed = true;
    this.emit('close');
  }
}
