import { BlobServiceClient } from '@azure/storage-blob';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../local/free-port.js';
import { repoRoot } from '../../local/repo-root.js';
import type { ServiceName } from '../../local/services.js';
import { startWatchdog } from '../../local/watchdog.js';
import { connectBlobContainer, type BlobContainer } from '../../platform/blob.js';
import { connectMongo, type Database } from '../../platform/mongo.js';
import { createTenant } from '../e2e/gateway-fixture.js';
import { bundledService } from './built-program.js';
import { createPlatformClient, type PlatformClient } from './platform-client.js';
import { startService, type Service, type ServiceDeps, type Settings } from './platform-service.js';
import type { PooledDatabase } from './database-pool.js';
import { quietLog, stackSetting, takeTestDatabase } from './test-database.js';

/** Gateway, streamer and processors as they run in production: processes of their own. */
export interface Platform extends AsyncDisposable {
  readonly client: PlatformClient;
  readonly gateway: Service;
  readonly streamer: Service;
  /** To look behind the scenes. */
  readonly db: Database;
  readonly hls: BlobContainer;
  readonly uploads: BlobContainer;
  /** For the test's own files; gone with the platform. The services' DATA_DIR too. */
  readonly dataDir: string;
  startProcessor(settings?: Settings): Promise<Service>;
  /** Ends every process, and drops the database and the containers. */
  stop(): Promise<void>;
}

/** Short media, so that a film of seconds has several chunks. */
const shortChunks = { CHUNK_SECONDS: '4', SEGMENT_SECONDS: '2', CONSUMERS_MAX: '1', LOG_LEVEL: 'debug' };

/** Starts a platform with storage of its own on the tests' servers; `settings` reach every process. */
export async function startPlatform(options: { settings?: Settings } = {}): Promise<Platform> {
  const dataDir = await makeDataDir();
  const streamerPort = await freePort();
  const pooled = options.settings?.MONGO_URL ? undefined : await takeTestDatabase();
  const mongo = { MONGO_URL: pooled?.url ?? '' };
  const env = platformSettings({ dataDir, streamerPort, settings: { ...mongo, ...options.settings } });
  const storage = await openStorage(env, pooled);
  const watchdog = startWatchdog();
  const launcher = createLauncher(
    { programArgs: bundledService, watchdog, logDir: path.join(dataDir, 'logs') },
    env,
  );
  let client: PlatformClient | undefined;
  const stop = async (): Promise<void> => {
    await client?.close();
    await launcher.stopAll();
    await watchdog.close();
    await storage.drop();
    // For whoever wants to read the logs of a failed test.
    if (!process.env.KEEP_TEST_DATA) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const [gateway, { projectId, key: apiKey }, streamer] = await Promise.all([
      launcher.start('gateway'),
      createTenant(storage.db),
      launcher.start('streamer', { STREAMER_PORT: String(streamerPort) }),
    ]);
    client = createPlatformClient({ url: gateway.url, projectId, apiKey });
    return {
      ...{
        client,
        gateway,
        streamer,
        dataDir,
        stop,
        db: storage.db,
        hls: storage.hls,
        uploads: storage.uploads,
      },
      startProcessor: (settings) => launcher.start('processor', settings),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createLauncher(deps: ServiceDeps, env: Settings) {
  const services: Service[] = [];
  return {
    async start(name: ServiceName, own: Settings = {}): Promise<Service> {
      const service = await startService(deps, name, { ...env, ...own });
      services.push(service);
      return service;
    },
    async stopAll(): Promise<void> {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}

async function makeDataDir(): Promise<string> {
  const parent = path.join(repoRoot(), '.data', 'test-platforms');
  await mkdir(parent, { recursive: true });
  return mkdtemp(path.join(parent, 'p-'));
}

function platformSettings(own: { dataDir: string; streamerPort: number; settings?: Settings }): Settings {
  const { dataDir, streamerPort, settings } = own;
  const id = randomUUID();
  return {
    ...shortChunks,
    KAFKA_BROKERS: stackSetting('KAFKA_BROKERS'),
    AZURE_STORAGE_CONNECTION_STRING: stackSetting('AZURE_STORAGE_CONNECTION_STRING'),
    BLOB_CONTAINER_UPLOADS: `uploads-${id}`,
    BLOB_CONTAINER_HLS: `hls-${id}`,
    STREAM_KEYS: `test:${randomBytes(32).toString('base64url')}`,
    PUBLIC_STREAM_URL: `http://127.0.0.1:${streamerPort}`,
    DATA_DIR: dataDir,
    ...settings,
  };
}

/** A database of a server of the test's own goes with it. */
async function ownDatabase(url: string): Promise<Pick<PooledDatabase, 'db' | 'giveBack'>> {
  const db = await connectMongo({ url, log: quietLog });
  return { db, giveBack: () => db.close() };
}

async function openStorage(env: Settings, pooled?: PooledDatabase) {
  const connectionString = env.AZURE_STORAGE_CONNECTION_STRING ?? '';
  const container = env.BLOB_CONTAINER_HLS ?? '';
  const hls = connectBlobContainer({ connectionString, container });
  // The streamer is not ready before there is something to stream from.
  await hls.ensure();
  const uploads = connectBlobContainer({ connectionString, container: env.BLOB_CONTAINER_UPLOADS ?? '' });
  const { db, giveBack } = pooled ?? (await ownDatabase(env.MONGO_URL ?? ''));
  return {
    ...{ hls, uploads, db },
    async drop() {
      const blobs = BlobServiceClient.fromConnectionString(connectionString);
      await blobs.getContainerClient(container).deleteIfExists();
      await blobs.getContainerClient(env.BLOB_CONTAINER_UPLOADS ?? '').deleteIfExists();
      await giveBack();
    },
  };
}
