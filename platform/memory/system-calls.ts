import koffi from 'koffi';

/** Calls of Linux that Node has no name for (section 2 of its manual). */
export interface SystemCalls {
  /** A file in memory without a name: its descriptor. It goes with the process. @throws Error where there are no more */
  memfdCreate(): number;
  /**
   * Hands a part of a file to a socket that does not block. Returns how many bytes it took, 0 where it takes none now.
   * @throws Error where it never will
   */
  sendfile(socket: number, file: number, start: number, length: number): number;
  /**
   * Hands bytes to a socket that does not block, which holds them back until more follow (MSG_MORE). Returns how many it
   * took. @throws Error where it never will
   */
  sendMore(socket: number, bytes: Buffer): number;
}

const MFD_CLOEXEC = 1;
const MSG_MORE_NO_SIGNAL = 0x8000 | 0x4000;
const EAGAIN = 11;

/** undefined on other systems. */
export function loadSystemCalls(): SystemCalls | undefined {
  if (process.platform !== 'linux') return undefined;
  const libc = koffi.load(null);
  const memfdCreate = libc.func('int memfd_create(const char *name, uint flags)');
  const sendfile = libc.func('int64_t sendfile(int to, int from, int64_t *offset, size_t length)');
  const sendBytes = libc.func('int64_t send(int to, const void *bytes, size_t length, int flags)');
  const offset = new BigInt64Array(1);

  function succeeded(call: string, result: number): number {
    if (result >= 0) return result;
    throw new Error(`${call} failed with ${koffi.errno()}`);
  }

  const taken = (call: string, result: number): number =>
    result < 0 && koffi.errno() === EAGAIN ? 0 : succeeded(call, result);

  return {
    memfdCreate: () => succeeded('memfd_create', memfdCreate('stream-plus', MFD_CLOEXEC) as number),

    sendfile(socket, file, start, length) {
      offset[0] = BigInt(start);
      return taken('sendfile', Number(sendfile(socket, file, offset, length)));
    },

    sendMore: (socket, bytes) =>
      taken('send', Number(sendBytes(socket, bytes, bytes.length, MSG_MORE_NO_SIGNAL))),
  };
}
