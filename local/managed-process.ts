import { spawn, type ChildProcess } from 'node:child_process';
import type { ChildOutput } from './child-output.js';
import { retryUntil } from './retry-until.js';
import type { Watchdog } from './watchdog.js';

export interface Launch {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
}

/** A child process that can be started again, with the same ports and data. */
export interface ManagedProcess {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Resolves when it is ready. @throws Error with what it last wrote, where it ends or takes too long. */
  start(): Promise<void>;
  /** Asks it to stop; kills it where it does not. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would, without telling `onCrash`. */
  kill(): Promise<void>;
  /** Called each time it ends unasked after it was ready. */
  onCrash(listener: (how: string) => void): void;
}

interface Deps {
  name: string;
  launch: () => Launch | Promise<Launch>;
  /** Resolves once it can be used; rejects while it cannot. Called again and again. */
  ready: (signal: AbortSignal) => Promise<unknown>;
  output: ChildOutput;
  watchdog: Watchdog;
  readyWithinMs?: number;
  stopWithinMs?: number;
}

interface Running {
  child: ChildProcess;
  /** Resolves with its exit code or signal when it is gone. */
  gone: Promise<string>;
  expected: boolean;
}

export function createManagedProcess(deps: Deps): ManagedProcess {
  const crashListeners: ((how: string) => void)[] = [];
  let running: Running | undefined;

  async function start(): Promise<void> {
    if (running) return;
    const current = launchChild(deps, await deps.launch());
    running = current;
    void current.gone.then(() => {
      if (running === current) running = undefined;
    });
    await becomesReady(deps, current).catch(async (error: unknown) => {
      await end(current, 'SIGKILL');
      throw error;
    });
    void current.gone.then((how) => {
      if (!current.expected) for (const listener of crashListeners) listener(how);
    });
  }

  async function end(current: Running | undefined, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!current) return;
    current.expected = true;
    if (signal === 'SIGKILL') signalGroup(current.child, signal);
    else current.child.kill(signal);
    const timer = setTimeout(() => signalGroup(current.child, 'SIGKILL'), deps.stopWithinMs ?? 15_000);
    await current.gone.finally(() => clearTimeout(timer));
  }

  return {
    name: deps.name,
    get pid() {
      return running?.child.pid;
    },
    start,
    stop: () => end(running, 'SIGTERM'),
    kill: () => end(running, 'SIGKILL'),
    onCrash: (listener) => void crashListeners.push(listener),
  };
}

/** The child leads a process group: a Ctrl-C in the terminal is ours to pass on, in our order. */
function launchChild({ output, watchdog }: Deps, { command, args, env }: Launch): Running {
  const child = spawn(command, args, { detached: true, stdio: output.stdio(), env });
  const { pid } = child;
  if (pid) watchdog.add(pid);
  output.attach(child);
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      if (pid) watchdog.remove(pid);
      resolve(signal ?? `exit ${code}`);
    });
  });
  return { child, gone, expected: false };
}

async function becomesReady(deps: Deps, { gone }: Running): Promise<void> {
  const readyWithinMs = deps.readyWithinMs ?? 60_000;
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(readyWithinMs)]);
  const died = gone.then((how) => {
    ended.abort();
    throw new Error(`${deps.name} ended at once (${how}):\n${deps.output.lastLines()}`);
  });
  // After readiness nobody waits for it any more.
  died.catch(() => undefined);
  const ready = retryUntil(() => deps.ready(signal), { signal, everyMs: 100 }).catch((error: unknown) => {
    throw new Error(`${deps.name} was not ready within ${readyWithinMs / 1000} s: ${String(error)}`, {
      cause: error,
    });
  });
  ready.catch(() => undefined);
  await Promise.race([died, ready]);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
