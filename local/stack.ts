import { join } from 'node:path';
import { azuriteConnectionString, azuriteReady, prepareAzurite } from './azurite.js';
import { fileOutput } from './child-output.js';
import { freePorts } from './free-port.js';
import { kafkaReady, prepareKafka } from './kafka.js';
import { createManagedProcess, type ManagedProcess } from './managed-process.js';
import { mongodReady, mongoUrl, prepareMongod } from './mongod.js';
import { readTools, requireTool, type Tools } from './tools.js';
import { startWatchdog, type Watchdog } from './watchdog.js';

export interface StackPorts {
  kafka: number;
  kafkaController: number;
  mongod: number;
  azurite: number;
}

/** Where a developer's tools find the servers; any free port is taken where somebody else has one of these. */
export const defaultStackPorts: StackPorts = {
  kafka: 19_092,
  kafkaController: 19_093,
  mongod: 19_017,
  azurite: 19_000,
};

export interface StackOptions {
  /** Keeps the data from run to run, and the logs. */
  dataDir: string;
  /** Ports to take where they are free; any free one otherwise. */
  ports?: Partial<StackPorts>;
  /** What the platform is told already: those servers are not started. */
  given?: NodeJS.ProcessEnv;
  tools?: Tools;
  /** Told the name of each server as it becomes ready. */
  onReady?: (server: string) => void;
}

export interface Stack extends AsyncDisposable {
  /** KAFKA_BROKERS, MONGO_URL and AZURE_STORAGE_CONNECTION_STRING, whoever provides them. */
  readonly env: Record<string, string>;
  readonly ports: StackPorts;
  /** The servers started here: each can be killed and started again on the same port and data. */
  readonly servers: { kafka?: ManagedProcess; mongod?: ManagedProcess; azurite?: ManagedProcess };
  readonly watchdog: Watchdog;
  /** Ends every server; resolves when none is left. */
  stop(): Promise<void>;
}

interface ServerContext {
  tools: Tools;
  ports: StackPorts;
  watchdog: Watchdog;
  dir: (name: string) => string;
  output: (name: string) => ReturnType<typeof fileOutput>;
}

/**
 * Starts those of Kafka, MongoDB and Azurite that `given` does not name, side by side, on 127.0.0.1.
 * They end with this process, however it ends.
 * @throws Error with what a server last wrote, where one does not start; the others are stopped then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const given = options.given ?? {};
  const ports = await freePorts<keyof StackPorts>({
    kafka: 0,
    kafkaController: 0,
    mongod: 0,
    azurite: 0,
    ...options.ports,
  });
  const watchdog = startWatchdog();
  const context: ServerContext = {
    tools: options.tools ?? readTools(),
    ports,
    watchdog,
    dir: (name) => join(options.dataDir, name),
    output: (name) => fileOutput(join(options.dataDir, 'logs', `${name}.log`)),
  };
  const servers: Stack['servers'] = {
    ...(!given.KAFKA_BROKERS && { kafka: kafkaServer(context) }),
    ...(!given.MONGO_URL && { mongod: mongodServer(context) }),
    ...(!given.AZURE_STORAGE_CONNECTION_STRING && { azurite: azuriteServer(context) }),
  };
  const stop = async () => {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    await watchdog.close();
  };
  try {
    await startAll(Object.values(servers), options.onReady);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env: stackEnv(ports, given), ports, servers, watchdog, stop, [Symbol.asyncDispose]: stop };
}

async function startAll(servers: ManagedProcess[], onReady: StackOptions['onReady']): Promise<void> {
  const starts = await Promise.allSettled(
    servers.map((server) => server.start().then(() => onReady?.(server.name))),
  );
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) throw failed.reason;
}

function stackEnv(ports: StackPorts, given: NodeJS.ProcessEnv): Record<string, string> {
  return {
    KAFKA_BROKERS: given.KAFKA_BROKERS || `127.0.0.1:${ports.kafka}`,
    MONGO_URL: given.MONGO_URL || mongoUrl(ports.mongod),
    AZURE_STORAGE_CONNECTION_STRING:
      given.AZURE_STORAGE_CONNECTION_STRING || azuriteConnectionString(ports.azurite),
  };
}

function kafkaServer({ tools, ports, watchdog, dir, output }: ServerContext): ManagedProcess {
  const java = requireTool(tools, 'java');
  const classpath = requireTool(tools, 'kafkaClasspath');
  return createManagedProcess({
    name: 'kafka',
    launch: () =>
      prepareKafka({
        java,
        classpath,
        dataDir: dir('kafka'),
        ports: { kafka: ports.kafka, controller: ports.kafkaController },
      }),
    ready: () => kafkaReady(`127.0.0.1:${ports.kafka}`),
    output: output('kafka'),
    watchdog,
  });
}

function mongodServer({ tools, ports, watchdog, dir, output }: ServerContext): ManagedProcess {
  const binary = requireTool(tools, 'mongod');
  return createManagedProcess({
    name: 'mongod',
    launch: () => prepareMongod({ binary, dataDir: dir('mongod'), port: ports.mongod }),
    ready: () => mongodReady(ports.mongod),
    output: output('mongod'),
    watchdog,
  });
}

function azuriteServer({ tools, ports, watchdog, dir, output }: ServerContext): ManagedProcess {
  const main = requireTool(tools, 'azurite');
  return createManagedProcess({
    name: 'azurite',
    launch: () => prepareAzurite({ main, dataDir: dir('azurite'), port: ports.azurite }),
    ready: (signal) => azuriteReady(ports.azurite, signal),
    output: output('azurite'),
    watchdog,
  });
}
