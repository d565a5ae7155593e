import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagedProcess } from './managed-process.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever ran this long gets the short pause again. */
const STABLE_MS = 60_000;

/**
 * Starts a process again each time it dies, at once the first time and ever more patiently after that,
 * until `signal` is aborted.
 */
export function keepAlive(
  child: ManagedProcess,
  deps: { warn: (line: string) => void; signal: AbortSignal; firstPauseMs?: number },
): void {
  const firstPauseMs = deps.firstPauseMs ?? FIRST_PAUSE_MS;
  let pauseMs = firstPauseMs;
  let startedAt = Date.now();

  async function revive(how: string): Promise<void> {
    if (Date.now() - startedAt > STABLE_MS) pauseMs = firstPauseMs;
    deps.warn(`${child.name} ended (${how}): started again in ${pauseMs / 1000} s`);
    await sleep(pauseMs, undefined, { signal: deps.signal });
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    startedAt = Date.now();
    await child.start();
    deps.warn(`${child.name} runs again`);
  }

  const onCrash = (how: string): void => {
    if (deps.signal.aborted) return;
    revive(how).catch((error: unknown) => {
      if (!deps.signal.aborted)
        onCrash(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    });
  };
  child.onCrash(onCrash);
}
