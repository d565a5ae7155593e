import { z } from 'zod';
import { count, parseConfig, port, publicUrl, sharedSettings } from '../platform/config.js';

const { HOST, LOG_LEVEL, KAFKA_BROKERS, MONGO_URL, AZURE_STORAGE_CONNECTION_STRING, BLOB_CONTAINER_HLS } =
  sharedSettings;
const { STREAM_KEYS, TRUST_PROXY } = sharedSettings;

const settings = z
  .object({
    HOST,
    LOG_LEVEL,
    KAFKA_BROKERS,
    MONGO_URL,
    AZURE_STORAGE_CONNECTION_STRING,
    BLOB_CONTAINER_HLS,
    STREAM_KEYS,
    TRUST_PROXY,
    STREAMER_PORT: port(4001),
    PUBLIC_STREAM_URL: publicUrl.optional(),
    /** Memory for published files; requests in flight come on top. */
    SEGMENT_CACHE_BYTES: count(256 * 1024 * 1024),
  })
  .transform(({ PUBLIC_STREAM_URL, ...rest }) => ({
    ...rest,
    PUBLIC_STREAM_URL: PUBLIC_STREAM_URL ?? `http://127.0.0.1:${rest.STREAMER_PORT}`,
  }));

export type StreamerConfig = z.infer<typeof settings>;

/** @throws Error naming each bad variable. */
export const streamerConfig = (env: NodeJS.ProcessEnv): StreamerConfig => parseConfig(settings, env);
