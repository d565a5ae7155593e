import { hostname } from 'node:os';
import { createApiKeyVerifier } from '../platform/api-keys.js';
import { parseKeyRing } from '../platform/key-ring.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import { createBroker } from '../platform/kafka/broker.js';
import type { Logger } from '../platform/logger.js';
import { createMetrics } from '../platform/metrics.js';
import { connectCollections } from '../platform/mongo-driver.js';
import { createTokens } from '../platform/tokens.js';
import { createStreamer } from './app.js';
import { createBlobReader } from '../platform/blob-reader.js';
import { createReadUrls } from '../platform/read-urls.js';
import { runService } from '../platform/run-service.js';
import { streamerConfig, type StreamerConfig } from './config.js';
import { followRevocations } from './revocations.js';
import { createSessionStore } from './stream-log/session-store.js';
import { createStreamLog } from './stream-log/stream-log.js';
import { createVideoStore } from './video-store.js';

async function start(config: StreamerConfig, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const readUrls = createReadUrls({
    connectionString: config.AZURE_STORAGE_CONNECTION_STRING,
    container: config.BLOB_CONTAINER_HLS,
  });
  const blobs = createBlobReader({ readUrls });
  lifecycle.onClose('blob reader', () => blobs.close());

  const db = await connectCollections(config.MONGO_URL);
  lifecycle.onClose('mongo', () => db.close());

  const broker = createBroker({
    brokers: config.KAFKA_BROKERS,
    clientId: `stream-plus-streamer-${hostname()}-${process.pid}`,
    log,
  });
  const metrics = createMetrics('streamer');
  const revocations = followRevocations({ broker, log, registry: metrics });
  lifecycle.onClose('revocations', () => revocations.close());

  const streamLog = createStreamLog({
    ...{ log, metrics, store: createSessionStore({ db }), keyRing: parseKeyRing(config.STREAM_KEYS) },
  });
  streamLog.start(lifecycle);

  const app = createStreamer({
    log,
    tokens: createTokens({ keys: config.STREAM_KEYS }),
    openBlob: (...asked) => blobs.open(...asked),
    cacheBytes: config.SEGMENT_CACHE_BYTES,
    videos: createVideoStore({ db }),
    apiKeys: createApiKeyVerifier({ db }),
    publicStreamUrl: config.PUBLIC_STREAM_URL,
    revocations,
    metrics,
    checks: {
      blob: () => blobs.isReady(),
      mongo: () => db.isReady(),
      revocations: () => revocations.isComplete(),
    },
    sessions: streamLog.sessions,
    devices: streamLog.devices,
    trustedProxies: config.TRUST_PROXY,
    stopping: lifecycle.signal,
  });
  lifecycle.onClose('http', () => app.close());
  await app.listen({
    host: config.HOST,
    port: config.STREAMER_PORT,
    listenTextResolver: (address) => `streamer is listening at ${address}`,
  });
}

await runService('streamer', () => streamerConfig(process.env), start);
