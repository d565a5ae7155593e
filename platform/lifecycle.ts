import { within } from './deadline.js';
import type { Logger } from './logger.js';

type Closer = () => Promise<unknown>;

/** What a process has opened, closed once, in reverse order. */
export interface Lifecycle {
  /** Aborted when the process begins to stop: pass it to every long wait. */
  readonly signal: AbortSignal;
  /** Remembers how to close something that was just opened. */
  onClose(name: string, close: Closer): void;
  /** Stops everything, the last opened first. Safe to call more than once. */
  close(): Promise<void>;
}

/** One closer gets this long before the next one is called all the same, milliseconds. */
const CLOSE_TIMEOUT_MS = 30_000;

export function createLifecycle(deps: { log: Logger; closeTimeoutMs?: number }): Lifecycle {
  const controller = new AbortController();
  const closers: { name: string; close: Closer }[] = [];
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    controller.abort();
    for (const { name, close } of closers.reverse()) {
      try {
        await within(close(), deps.closeTimeoutMs ?? CLOSE_TIMEOUT_MS);
      } catch (err) {
        deps.log.error({ err, component: name }, 'could not close');
      }
    }
  }

  return {
    signal: controller.signal,
    onClose: (name, close) => void closers.push({ name, close }),
    close: () => (closing ??= closeAll()),
  };
}

/**
 * Runs a process: `start` opens things and registers how to close them; SIGTERM or SIGINT closes them
 * and exits 0. A failed start closes what it had opened and exits 1 with one line that says why.
 */
export async function runProcess(deps: {
  log: Logger;
  start: (lifecycle: Lifecycle) => Promise<void>;
}): Promise<void> {
  const { log } = deps;
  const lifecycle = createLifecycle({ log });
  let isStopping = false;
  const stop = (reason: string, code: number) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ reason }, 'stopping');
    void lifecycle.close().then(() => {
      log.info('stopped');
      log.flush(() => process.exit(code));
    });
  };
  // A signal may come twice, from the terminal and from a supervisor: the second must not kill.
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('unhandledRejection', (err) => {
    log.fatal({ err }, 'unhandled rejection');
    stop('unhandled rejection', 1);
  });
  try {
    await deps.start(lifecycle);
  } catch (err) {
    // Who is told to stop while it starts need not get to the end of it.
    if (isStopping) return;
    log.fatal({ err }, `could not start: ${err instanceof Error ? err.message : String(err)}`);
    stop('failed start', 1);
  }
}
