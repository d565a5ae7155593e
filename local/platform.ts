import { prepareDemo, type Demo, type DemoOwner } from './demo.js';
import { keepAlive } from './keep-alive.js';
import type { ManagedProcess } from './managed-process.js';
import { createService, serviceNames, serviceUrl, type ProgramArgs } from './services.js';
import { startStack, type Stack, type StackOptions } from './stack.js';
import type { StartSettings } from './start-settings.js';

export interface Platform {
  readonly demo: Demo;
  /** On the run that made them. */
  readonly owner?: DemoOwner;
  readonly gatewayUrl: string;
  readonly streamerUrl: string;
}

export interface PlatformOptions {
  settings: StartSettings & { STREAM_KEYS: string };
  dataDir: string;
  env: NodeJS.ProcessEnv;
  stackPorts: NonNullable<StackOptions['ports']>;
  /** Runs the services. */
  programArgs: ProgramArgs;
  /** Runs programs that end by themselves. */
  toolArgs: ProgramArgs;
  /** Told what people should see at once, one line each. */
  warn: (line: string) => void;
  onReady: (name: string) => void;
  onStack: (stack: Stack) => void;
  /** Told how to end a part as soon as there is one to end: to be called in reverse. */
  onClose: (stop: () => Promise<void>, kill: () => Promise<void>) => void;
  signal: AbortSignal;
}

/**
 * Starts the servers, then the services beside the demo; starts again what dies, until `signal` is aborted.
 * @throws Error where a part does not start; what runs by then is left to the closers.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { settings, dataDir, signal, warn } = options;
  const stack = await startStack({
    dataDir,
    ports: options.stackPorts,
    given: options.env,
    onReady: options.onReady,
  });
  const servers = Object.values(stack.servers);
  options.onClose(
    () => stack.stop(),
    () => killAll(servers),
  );
  options.onStack(stack);
  signal.throwIfAborted();

  const gatewayUrl = serviceUrl(settings, 'gateway');
  const streamerUrl = serviceUrl(settings, 'streamer');
  const env = serviceEnv(options, stack, { gatewayUrl, streamerUrl });
  const services = serviceNames.map((name) =>
    createService(name, {
      settings,
      env,
      dataDir,
      programArgs: options.programArgs,
      watchdog: stack.watchdog,
      warn,
      signal,
    }),
  );
  options.onClose(
    async () => void (await Promise.all(services.map((service) => service.stop()))),
    () => killAll(services),
  );
  for (const child of [...servers, ...services])
    keepAlive(child, { warn: (line) => warn(`⚠ ${line}`), signal });
  const started = Promise.all([
    prepareDemo({ dataDir, env, programArgs: options.toolArgs, gatewayUrl, streamerUrl }),
    ...services.map((service) => service.start().then(() => options.onReady(service.name))),
  ]);
  const [{ demo, owner }] = await Promise.race([started, rejectOnAbort(signal)]);
  return { demo, owner, gatewayUrl, streamerUrl };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped while it started')), { once: true });
  });
}

function serviceEnv(
  { settings, dataDir, env }: PlatformOptions,
  stack: Stack,
  urls: { gatewayUrl: string; streamerUrl: string },
): NodeJS.ProcessEnv {
  return {
    PUBLIC_GATEWAY_URL: urls.gatewayUrl,
    PUBLIC_STREAM_URL: urls.streamerUrl,
    ...env,
    ...stack.env,
    GATEWAY_PORT: String(settings.GATEWAY_PORT),
    STREAMER_PORT: String(settings.STREAMER_PORT),
    PROCESSOR_PORT: String(settings.PROCESSOR_PORT),
    DATA_DIR: dataDir,
    STREAM_KEYS: settings.STREAM_KEYS,
  };
}

async function killAll(processes: ManagedProcess[]): Promise<void> {
  await Promise.all(processes.map((child) => child.kill()));
}
