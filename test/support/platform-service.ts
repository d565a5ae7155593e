import path from 'node:path';
import { fileOutput } from '../../local/child-output.js';
import { freePort } from '../../local/free-port.js';
import { createManagedProcess } from '../../local/managed-process.js';
import type { ProgramArgs, ServiceName } from '../../local/services.js';
import type { Watchdog } from '../../local/watchdog.js';
import { compileCache } from './built-program.js';

export type Settings = Record<string, string>;

/** One process of the platform, ready to be asked and to be mistreated. */
export interface Service {
  /** Of the process as it runs now, or ran last. */
  readonly pid: number;
  readonly url: string;
  /** Sends a signal to the process itself, not to what it has started. */
  signal(signal: NodeJS.Signals): void;
  /** How it ended for the first time, if nobody called `stop`: `exit 0`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Starts it again after it has ended, with the same settings and on the same port. */
  start(): Promise<void>;
  /** Asks it to end, wakes it where it was stopped, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface ServiceDeps {
  programArgs: ProgramArgs;
  watchdog: Watchdog;
  logDir: string;
}

const portVariables = {
  gateway: 'GATEWAY_PORT',
  streamer: 'STREAMER_PORT',
  processor: 'PROCESSOR_PORT',
} as const;

let started = 0;

/** Starts a process with these settings; resolves once /readyz says that it is ready. */
export async function startService(
  deps: ServiceDeps,
  name: ServiceName,
  settings: Settings,
): Promise<Service> {
  const variable = portVariables[name];
  const port = settings[variable] ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  started += 1;
  const child = createManagedProcess({
    name,
    launch: () => ({
      command: process.execPath,
      args: deps.programArgs(`${name}/main`),
      env: { PATH: process.env.PATH, ...compileCache(), ...settings, [variable]: port },
    }),
    ready: async (signal) => {
      const { ok, status } = await fetch(`${url}/readyz`, { signal });
      if (!ok) throw new Error(`/readyz answers ${status}`);
    },
    output: fileOutput(path.join(deps.logDir, `${started}-${name}.log`)),
    watchdog: deps.watchdog,
  });
  const ended = new Promise<string>((resolve) => child.onCrash(resolve));
  let pid = 0;
  const start = async (): Promise<void> => {
    await child.start();
    pid = child.pid ?? 0;
  };
  await start();
  const signal = (what: NodeJS.Signals): void => void (child.pid && process.kill(pid, what));
  return {
    get pid() {
      return pid;
    },
    url,
    signal,
    ended,
    start,
    async stop() {
      signal('SIGCONT');
      await child.stop();
    },
  };
}
