import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { repeat } from './repeat.js';

/** What is done again and again so that nothing is left over; any number of processes may do it. */
export interface Sweep {
  name: string;
  intervalMs: number;
  /** Does what is due, a bounded part of it; resolves to how many things that were. */
  task: () => Promise<number>;
}

/**
 * Runs sweeps until the signal aborts, each one run after the other, and counts them. One that fails is
 * logged and tried again. Resolves when none runs any more.
 */
export async function runSweeps(
  deps: { registry: Registry; log: Logger; signal: AbortSignal },
  sweeps: readonly Sweep[],
): Promise<void> {
  const registers = [deps.registry];
  const runs = new Counter({
    name: 'stream_plus_sweeps_total',
    help: 'Runs of what tidies up, by result: done or failed',
    labelNames: ['sweep', 'result'],
    registers,
  });
  const things = new Counter({
    name: 'stream_plus_swept_total',
    help: 'What sweeps have tidied up: blobs, videos, sources, uploads or marks',
    labelNames: ['sweep'],
    registers,
  });

  async function run({ name: sweep, task }: Sweep): Promise<void> {
    try {
      things.inc({ sweep }, await task());
      runs.inc({ sweep, result: 'done' });
    } catch (error) {
      runs.inc({ sweep, result: 'failed' });
      throw error;
    }
  }

  const { log, signal } = deps;
  await Promise.all(
    sweeps.map((sweep) => {
      const { name, intervalMs } = sweep;
      return repeat({ name, intervalMs, signal, log, task: () => run(sweep) });
    }),
  );
}
