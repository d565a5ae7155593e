import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries `attempt` until it resolves. An attempt that never ends is left alone when `signal` is aborted.
 * @throws the last error, once `signal` is aborted.
 */
export async function retryUntil<T>(
  attempt: () => Promise<T>,
  options: { signal: AbortSignal; everyMs: number },
): Promise<T> {
  const { signal, everyMs } = options;
  let last: unknown = new Error('no attempt has ended');
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(last instanceof Error ? last : new Error(String(last))), {
      once: true,
    });
  });
  aborted.catch(() => undefined);
  while (!signal.aborted) {
    try {
      return await Promise.race([attempt(), aborted]);
    } catch (error) {
      last = error;
    }
    await Promise.race([sleep(everyMs), aborted]);
  }
  throw last;
}
