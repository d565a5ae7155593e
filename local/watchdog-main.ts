/**
 * Outlives its parent by a moment: when the pipe from it ends, everything it had started is stopped.
 * Runs as it stands, by Node's own type stripping: no imports of ours.
 * Input: one line a change, `+<pid>` or `-<pid>`; each pid leads a process group.
 */
import { createInterface } from 'node:readline';

const GRACE_MS = 6_000;
const POLL_MS = 50;
const groups = new Set<number>();

function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

function stopAll(): void {
  for (const group of groups) send(group, 'SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  const timer = setInterval(() => {
    const left = [...groups].filter((group) => send(group, 0));
    if (left.length > 0 && Date.now() < deadline) return;
    for (const group of left) send(group, 'SIGKILL');
    clearInterval(timer);
  }, POLL_MS);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const pid = Number(line.slice(1));
    if (line.startsWith('+')) groups.add(pid);
    else groups.delete(pid);
  })
  .on('close', stopAll);
