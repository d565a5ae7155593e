import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Stops the processes it was told about when this process ends, however it ends. */
export interface Watchdog {
  readonly pid: number;
  add(pid: number): void;
  remove(pid: number): void;
  /** Stops what is still registered, and ends. */
  close(): Promise<void>;
}

/** Starts the watchdog: a process of its own, told by the end of a pipe. */
export function startWatchdog(): Watchdog {
  const main = fileURLToPath(new URL(`./watchdog-main${extname(import.meta.url)}`, import.meta.url));
  // Its own group: neither a Ctrl-C in the terminal nor the end of our group reaches it.
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env.PATH },
  });
  const ended = once(child, 'exit');
  // Without a watchdog everything still runs; it only matters at the end, and `close` sees it then.
  child.stdin.on('error', () => undefined);
  child.unref();
  return {
    pid: child.pid ?? 0,
    add: (pid) => void child.stdin.write(`+${pid}\n`),
    remove: (pid) => void child.stdin.write(`-${pid}\n`),
    async close() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
