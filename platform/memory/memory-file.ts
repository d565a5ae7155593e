import { closeSync, readFileSync, readSync, writeSync } from 'node:fs';
import { type Body, BufferBody, type InPlace } from './body.js';
import { loadSystemCalls, type SystemCalls } from './system-calls.js';

/** Fewer bytes are copied in less time than it takes to ask for a file. */
const MIN_BYTES = 64 * 1024;

const calls = loadSystemCalls();

/** Files, of the descriptors that the process may have: the rest is for connections. */
const maxFiles = calls ? descriptorLimit() / 2 : 0;
let openFiles = 0;
let isWarned = false;

/** getrlimit(2), RLIMIT_NOFILE: Node raises its own to what is allowed. */
function descriptorLimit(): number {
  const [, soft] = /^Max open files\s+(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/**
 * Memory for a body. Where it is not short, this is Linux, and there are descriptors enough, it can be sent in place: one
 * each.
 */
export const allocateBody = (length: number): Body =>
  (length >= MIN_BYTES ? openFile(length) : undefined) ?? BufferBody.ofLength(length);

function openFile(length: number): MemoryFile | undefined {
  if (!calls) return undefined;
  try {
    if (openFiles >= maxFiles) throw new Error(`${openFiles} descriptors are in use for them (ulimit -n)`);
    return new MemoryFile(calls, length);
  } catch (error) {
    if (!isWarned) process.emitWarning(`Segments are copied for each viewer now: ${String(error)}`);
    isWarned = true;
    return undefined;
  }
}

function closeFile(fd: number): void {
  openFiles -= 1;
  closeSync(fd);
}

/** What is forgotten is not left open. */
const forgotten = new FinalizationRegistry<number>(closeFile);

/**
 * A body as a file in memory without a name: nobody else can open it, and it goes with the process. V8 does not see what it
 * takes: each megabyte that it sees come and go costs it a collection after some more.
 */
class MemoryFile implements Body, InPlace {
  readonly #calls: SystemCalls;
  /** -1 once it is closed, when the number may be another file's. */
  #fd: number;

  /** @throws Error where there are too many files */
  constructor(
    system: SystemCalls,
    readonly length: number,
  ) {
    this.#calls = system;
    this.#fd = system.memfdCreate();
    openFiles += 1;
    forgotten.register(this, this.#fd, this);
  }

  get inPlace(): InPlace {
    return this;
  }

  bytes(start = 0, end = this.length): Buffer {
    const copy = Buffer.allocUnsafeSlow(end - start);
    for (let read = 0; read < copy.length;) {
      const more = readSync(this.#open(), copy, read, copy.length - read, start + read);
      if (more === 0) throw new Error('nothing was written there yet');
      read += more;
    }
    return copy;
  }

  write(bytes: Buffer, at: number): void {
    for (let written = 0; written < bytes.length;)
      written += writeSync(this.#open(), bytes, written, bytes.length - written, at + written);
  }

  send(socket: number, start: number, length: number): number {
    return this.#calls.sendfile(socket, this.#open(), start, length);
  }

  lead(socket: number, head: Buffer): number {
    return this.#calls.sendMore(socket, head);
  }

  release(): void {
    if (this.isReleased) return;
    forgotten.unregister(this);
    closeFile(this.#fd);
    this.#fd = -1;
  }

  get isReleased(): boolean {
    return this.#fd < 0;
  }

  #open(): number {
    if (this.#fd < 0) throw new Error('the memory was given back');
    return this.#fd;
  }
}
