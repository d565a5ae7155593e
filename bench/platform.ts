import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGraphqlClient } from '../cli/graphql-client.js';
import type { PlatformAddress } from '../cli/platform-address.js';
import { uploadVideo, type UploadEvent } from '../cli/upload-video.js';
import { prepareDemo } from '../local/demo.js';
import type { ManagedProcess } from '../local/managed-process.js';
import { createService, serviceUrl, builtProgram, takePorts, type ServiceName } from '../local/services.js';
import { startStack, type Stack } from '../local/stack.js';
import { startSettings, type StartSettings } from '../local/start-settings.js';

/** Real servers and services for one benchmark, with empty storage. */
export interface BenchPlatform {
  readonly stack: Stack;
  readonly gateway: ManagedProcess;
  readonly processors: readonly ManagedProcess[];
  /** Where the gateway is, and the demo project that its key is for. */
  readonly address: PlatformAddress;
  readonly projectId: string;
  /** Uploads a film and tells what happens to it; resolves at `exitOn`. Returns the video's id. */
  upload(options: {
    file: string;
    exitOn: 'playable' | 'ready';
    signal?: AbortSignal;
    onEvent?: (event: UploadEvent) => void;
  }): Promise<string>;
  /** Sends a GraphQL operation. @throws GraphqlError */
  request(query: string, variables: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

const anyPort = { GATEWAY_PORT: '0', STREAMER_PORT: '0', PROCESSOR_PORT: '0' };

/** Starts a stack of its own, a gateway, and processors with these settings. */
export async function startBenchPlatform(options: {
  processors: readonly Record<string, string>[];
}): Promise<BenchPlatform> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'stream-plus-bench-'));
  const stack = await startStack({ dataDir });
  const stopping = new AbortController();
  const ports = await takePorts(startSettings({ ...process.env, ...anyPort }));
  const gatewayUrl = serviceUrl(ports, 'gateway');
  const env = {
    ...process.env,
    ...stack.env,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    GATEWAY_PORT: String(ports.GATEWAY_PORT),
    STREAM_KEYS: `bench:${randomBytes(32).toString('base64url')}`,
    PUBLIC_GATEWAY_URL: gatewayUrl,
  };
  const start = (name: ServiceName, settings: StartSettings, own: Record<string, string>) => {
    const service = createService(name, {
      ...{ settings, dataDir, programArgs: builtProgram, watchdog: stack.watchdog },
      env: { ...env, ...own },
      warn: (line) => console.error(line),
      signal: stopping.signal,
    });
    return service.start().then(() => service);
  };
  const gateway = await start('gateway', ports, {});
  const processors: ManagedProcess[] = [];
  for (const own of options.processors) {
    const settings = await takePorts({ ...ports, GATEWAY_PORT: 0, STREAMER_PORT: 0, PROCESSOR_PORT: 0 });
    processors.push(
      await start('processor', settings, { ...own, PROCESSOR_PORT: String(settings.PROCESSOR_PORT) }),
    );
  }
  const seeding = { dataDir, env, programArgs: builtProgram, gatewayUrl, streamerUrl: gatewayUrl };
  const { demo } = await prepareDemo(seeding);
  const address = { url: gatewayUrl, apiKey: demo.apiKey };
  const client = createGraphqlClient(address);

  return {
    stack,
    gateway,
    processors,
    address,
    projectId: demo.projectId,
    request: (query, variables) => client.request({ query, variables }, stopping.signal),
    upload: ({ file, exitOn, signal = new AbortController().signal, onEvent = () => undefined }) =>
      uploadVideo({
        ...{ address, file, exitOn, signal, onEvent },
        title: randomUUID(),
      }),
    async stop() {
      stopping.abort();
      await Promise.all([gateway, ...processors].map((service) => service.stop()));
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
