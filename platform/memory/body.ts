/** Bytes of a blob in memory. */
export interface Body {
  readonly length: number;
  /** Those from `start` to before `end`, or all of them: as they are, or a copy. */
  bytes(start?: number, end?: number): Buffer;
  write(bytes: Buffer, at: number): void;
  /** What it can be sent with from where it is; undefined where it has to be copied. */
  readonly inPlace: InPlace | undefined;
  /** Gives its memory back at once: nothing must be reading or writing it. */
  release(): void;
  readonly isReleased: boolean;
}

/** Bytes that the system can send from where they are: Node would copy them, each time. */
export interface InPlace {
  /**
   * Hands a part to a socket. Returns how many bytes it took, 0 where it takes none now.
   * @throws Error where it never will, and where the memory was given back.
   */
  send(socket: number, start: number, length: number): number;
  /**
   * Hands what goes before the first part to a socket, which sends it together with that: alone, it would wake its reader
   * for nothing. Returns how many bytes it took. @throws Error where it never will
   */
  lead(socket: number, head: Buffer): number;
}

/** A body in V8's memory. */
export class BufferBody implements Body {
  readonly #buffer: Buffer;
  readonly inPlace = undefined;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  static ofLength(length: number): BufferBody {
    return new BufferBody(Buffer.allocUnsafeSlow(length));
  }

  get length(): number {
    return this.#buffer.length;
  }

  bytes(start = 0, end = this.length): Buffer {
    return start === 0 && end === this.length ? this.#buffer : this.#buffer.subarray(start, end);
  }

  write(bytes: Buffer, at: number): void {
    bytes.copy(this.#buffer, at);
  }

  /** Detached, its memory goes now and not when V8 collects it; a buffer that shares its memory with others is left alone. */
  release(): void {
    const { buffer, byteLength } = this.#buffer;
    if (!this.isReleased && buffer.byteLength === byteLength) (buffer as ArrayBuffer).transfer(0);
  }

  get isReleased(): boolean {
    return (this.#buffer.buffer as ArrayBuffer).detached;
  }
}
