import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createManagedProcess, type ManagedProcess } from './managed-process.js';
import { freePort, isPortFree } from './free-port.js';
import { repoRoot } from './repo-root.js';
import { serviceOutput } from './service-output.js';
import { localUrl, type StartSettings } from './start-settings.js';
import type { Watchdog } from './watchdog.js';

const portVariables = {
  gateway: 'GATEWAY_PORT',
  streamer: 'STREAMER_PORT',
  processor: 'PROCESSOR_PORT',
} as const;

export type ServiceName = keyof typeof portVariables;
export const serviceNames = Object.keys(portVariables) as ServiceName[];

/** How Node runs a program of the platform: what was built, or the sources. */
export type ProgramArgs = (program: string) => string[];

/** A processor hands its work back before it ends. */
const STOP_WITHIN_MS = 40_000;

/**
 * Settles on ports: 0 takes any free one.
 * @throws Error that names the variable to change, where something else listens on a port of ours.
 */
export async function takePorts(settings: StartSettings): Promise<StartSettings> {
  const taken = { ...settings };
  for (const variable of Object.values(portVariables)) {
    const port = settings[variable];
    if (!(await isPortFree(port))) {
      throw new Error(`Port ${port} is taken: set ${variable} (${variable}=${port + 100} npm start).`);
    }
    taken[variable] = port || (await freePort());
  }
  return taken;
}

export const serviceUrl = (settings: StartSettings, name: ServiceName): string =>
  localUrl(settings.HOST, settings[portVariables[name]]);

/** One of our own processes; ready when its /readyz says so. */
export function createService(
  name: ServiceName,
  deps: {
    settings: StartSettings;
    env: NodeJS.ProcessEnv;
    dataDir: string;
    programArgs: ProgramArgs;
    watchdog: Watchdog;
    warn: (line: string) => void;
    /** Aborted when everything stops. */
    signal: AbortSignal;
  },
): ManagedProcess {
  const readyUrl = `${serviceUrl(deps.settings, name)}/readyz`;
  // What it complains of on the way up or down is in its log; on a failed start, in the error too.
  let isReady = false;
  const warn = (line: string) => {
    if (isReady && !deps.signal.aborted) deps.warn(`${line.slice(0, 2)}${name}: ${line.slice(2)}`);
  };
  return createManagedProcess({
    name,
    launch: () => ({
      command: process.execPath,
      args: [...flagsOf(name), ...deps.programArgs(`${name}/main`)],
      env: { ...deps.env, ...envOf(name) },
    }),
    ready: async (signal) => {
      await checkReady(readyUrl, signal);
      isReady = true;
    },
    output: serviceOutput({ file: join(deps.dataDir, 'logs', `${name}.log`), warn }),
    watchdog: deps.watchdog,
    stopWithinMs: STOP_WITHIN_MS,
  });
}

async function checkReady(url: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { signal });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`/readyz answers ${answer.status} ${text}`);
}

/** Node's flags, as in a container. */
function flagsOf(name: ServiceName): string[] {
  if (name !== 'streamer') return [];
  return readFileSync(inDeploy('streamer.flags'), 'utf8').trim().split(' ');
}

/** What must be in its environment before it starts, as in a container. */
function envOf(name: ServiceName): NodeJS.Dict<string> {
  return name === 'streamer' ? parseEnv(readFileSync(inDeploy('streamer.env'), 'utf8')) : {};
}

const inDeploy = (file: string) => join(repoRoot(), 'deploy', file);

const quiet = '--disable-warning=TimeoutNegativeWarning';

/** Where we are compiled to, or what `npm run build` made. */
const buildFolder = () =>
  import.meta.url.endsWith('.js') ? join(import.meta.dirname, '..') : join(repoRoot(), 'dist');

/** What was built. */
export const builtProgram: ProgramArgs = (program) => [quiet, join(buildFolder(), `${program}.js`)];

/** The sources as they are. */
export const sourceProgram: ProgramArgs = (program) => [
  quiet,
  '--import',
  '@swc-node/register/esm-register',
  join(repoRoot(), `${program}.ts`),
];

/** The sources, started again whenever one of them changes. */
export const watchedProgram: ProgramArgs = (program) => [
  '--watch',
  '--watch-preserve-output',
  ...sourceProgram(program),
];
