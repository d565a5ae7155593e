import type { Socket } from 'node:net';

export interface Response {
  status: number;
  /** By names in small letters. */
  headers: Record<string, string | undefined>;
  body: Buffer;
}

/** Reads answers of HTTP/1.1 from a connection as they are, each with the length that it says. */
export class ResponseReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #unread = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#pieces = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** `method`: of the request, since what answers HEAD has no body. @throws Error where the connection ends first */
  async next(method = 'GET'): Promise<Response> {
    let end = this.#unread.indexOf('\r\n\r\n');
    for (; end === -1; end = this.#unread.indexOf('\r\n\r\n')) await this.#readOn();
    const [first = '', ...fields] = this.#take(end + 4)
      .toString('latin1')
      .trimEnd()
      .split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.slice(field.indexOf(':') + 1).trim(),
      ]),
    );
    const length = method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
    await this.#readOn(length);
    return { status: Number(first.split(' ')[1]), headers, body: this.#take(length) };
  }

  #take(bytes: number): Buffer {
    const taken = this.#unread.subarray(0, bytes);
    this.#unread = this.#unread.subarray(bytes);
    return taken;
  }

  /** Until there are as many bytes; else until there is one more piece. */
  async #readOn(bytes = this.#unread.length + 1): Promise<void> {
    const pieces: Buffer[] = [this.#unread];
    for (let read = this.#unread.length; read < bytes;) {
      const next = await this.#pieces.next();
      if (next.done) throw new Error('the connection has ended');
      pieces.push(next.value);
      read += next.value.length;
    }
    this.#unread = Buffer.concat(pieces);
  }
}
