import 'reflect-metadata';
import { createApiKeyVerifier } from '../platform/api-keys.js';
import { connectBlobContainer } from '../platform/blob.js';
import { createBroker } from '../platform/kafka/broker.js';
import { parseKeyRing } from '../platform/key-ring.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import { createMetrics } from '../platform/metrics.js';
import { connectMongo } from '../platform/mongo.js';
import { runService } from '../platform/run-service.js';
import { createTokens } from '../platform/tokens.js';
import { createGateway } from './app.js';
import { gatewayConfig, oidcSettings, smtpSettings, type GatewayConfig } from './config.js';
import { createMailer } from './identity/mailer.js';
import { prepareStorage } from './prepare-storage.js';

const SERVICE = 'gateway';

async function start(config: GatewayConfig, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const db = await connectMongo({ url: config.MONGO_URL, log });
  lifecycle.onClose('mongo', () => db.close());
  const connectionString = config.AZURE_STORAGE_CONNECTION_STRING;
  const blobs = connectBlobContainer({ connectionString, container: config.BLOB_CONTAINER_UPLOADS });
  const hls = connectBlobContainer({ connectionString, container: config.BLOB_CONTAINER_HLS });
  await prepareStorage({ db, containers: [blobs, hls] });
  const broker = createBroker({
    brokers: config.KAFKA_BROKERS,
    clientId: `stream-plus-${SERVICE}`,
    partitions: config.KAFKA_PARTITIONS,
    log,
  });
  const publisher = broker.publisher();
  lifecycle.onClose('publisher', () => publisher.close());

  const mailer = createMailer({ smtp: smtpSettings(config) });
  lifecycle.onClose('mailer', () => Promise.resolve(mailer.close()));

  const gateway = await createGateway({
    db,
    blobs,
    hls,
    broker,
    publisher,
    log,
    tokens: createTokens({ keys: config.STREAM_KEYS }),
    verifier: createApiKeyVerifier({ db }),
    keyRing: parseKeyRing(config.STREAM_KEYS),
    mailer,
    signUp: config.SIGN_UP,
    publicGatewayUrl: config.PUBLIC_GATEWAY_URL,
    publicAppUrl: config.PUBLIC_APP_URL,
    oidc: oidcSettings(config),
    registry: createMetrics(SERVICE),
    checks: { mongo: () => db.isReady(), kafka: () => broker.isReady(), blob: () => blobs.isReady() },
    publicStreamUrl: config.PUBLIC_STREAM_URL,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    importNetworks: config.IMPORT_ALLOWED_NETWORKS,
    deleteGraceMs: config.DELETE_GRACE_HOURS * 3_600_000,
    trustedProxies: config.TRUST_PROXY,
    isOpen: config.NODE_ENV !== 'production',
    stopping: lifecycle.signal,
  });
  lifecycle.onClose(SERVICE, () => gateway.close());
  const url = await gateway.listen({ host: config.HOST, port: config.GATEWAY_PORT });
  log.info({ url, publicUrl: config.PUBLIC_GATEWAY_URL }, 'listening');
}

await runService(SERVICE, () => gatewayConfig(process.env), start);
