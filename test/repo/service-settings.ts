import { gatewayConfig } from '../../gateway/config.js';
import { processorConfig } from '../../processor/config.js';
import { streamerConfig } from '../../streamer/config.js';

/** Values for every setting that has no default. */
export const requiredSettings: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'kafka:9092',
  MONGO_URL: 'mongodb://mongo/stream-plus',
  AZURE_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
  STREAM_KEYS: `k1:${'A'.repeat(43)}`,
};

/** Values for every setting without which something is left out. */
export const optionalSettings: Readonly<Record<string, string>> = {
  SMTP_URL: 'smtp://mail:25',
  MAIL_FROM: 'noreply@example.org',
  OIDC_ISSUER: 'https://id.example.org',
  OIDC_CLIENT_ID: 'stream-plus',
  OIDC_CLIENT_SECRET: 'secret',
  IMPORT_ALLOWED_NETWORKS: '10.1.0.0/16',
};

/** How each process reads its settings. */
export const configs: Readonly<Record<string, (env: NodeJS.ProcessEnv) => object>> = {
  gateway: gatewayConfig,
  streamer: streamerConfig,
  processor: processorConfig,
};

/** The settings of each process, with their defaults: by process, then by variable. */
export const settingsOf = (process: string): Readonly<Record<string, unknown>> => ({
  ...configs[process]?.({ ...requiredSettings, ...optionalSettings }),
});
