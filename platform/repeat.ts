import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './logger.js';

/**
 * Runs `task` again and again, about `intervalMs` apart and jittered by a fifth so that processes do not
 * march in step, until the signal aborts. A failed run is logged and the next one tried.
 */
export async function repeat(options: {
  name: string;
  intervalMs: number;
  signal: AbortSignal;
  log: Logger;
  task: () => Promise<unknown>;
}): Promise<void> {
  const { name, intervalMs, signal, log, task } = options;
  while (!signal.aborted) {
    try {
      await task();
    } catch (err) {
      log.warn({ err, task: name }, 'periodic task failed; it will be tried again');
    }
    const jittered = intervalMs * (0.9 + Math.random() * 0.2);
    await delay(jittered, undefined, { signal }).catch(() => undefined);
  }
}
