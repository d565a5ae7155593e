import { cpus } from 'node:os';

/** Time that all cores together have spent so far, in any unit. */
export interface CpuTime {
  busy: number;
  total: number;
}

/** Samples that the mean is taken over: one short pause between two FFmpegs is no room for another. */
const WINDOW = 6;

/**
 * Share of the machine's CPU in use, 0–1: since the last call, or over the last few calls, whichever is
 * more. 0 where the machine does not say.
 */
export function createCpuLoad(read: () => CpuTime = readCpuTime): () => number {
  const samples = [read()];

  return () => {
    const now = read();
    const shares = [samples.at(-1), samples[0]].map((before) => (before ? share(before, now) : 0));
    samples.push(now);
    if (samples.length >= WINDOW) samples.shift();
    return Math.max(...shares);
  };
}

function share(before: CpuTime, now: CpuTime): number {
  const total = now.total - before.total;
  return total > 0 ? (now.busy - before.busy) / total : 0;
}

function readCpuTime(): CpuTime {
  const time = { busy: 0, total: 0 };
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    time.busy += busy;
    time.total += busy + times.idle;
  }
  return time;
}
