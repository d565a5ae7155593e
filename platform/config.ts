import { z } from 'zod';
import { parseCidr } from './address-ranges.js';

/**
 * Settings from the environment, checked and frozen. Empty strings count as not set.
 * @throws Error whose message names each bad variable and what it should be, one a line.
 */
export function parseConfig<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): Readonly<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new Error(`Bad settings:\n  ${lines.join('\n  ')}`);
}

/** A TCP port; 0 takes any free one. */
export const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

/** A positive whole number. */
export const count = (fallback: number, max = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().min(1).max(max).default(fallback);

const keyRingPattern = /^[A-Za-z0-9_-]{1,16}:[A-Za-z0-9_-]{43}(,[A-Za-z0-9_-]{1,16}:[A-Za-z0-9_-]{43})*$/;

/** Networks as `10.0.0.0/8[,…]`; none where absent. */
const networks = z
  .string()
  .default('')
  .transform((list, context) => {
    const parts = list.split(',').filter((part) => part.trim() !== '');
    const ranges = parts.map((part) => parseCidr(part.trim())).filter((range) => range !== undefined);
    if (ranges.length < parts.length) {
      context.addIssue({ code: 'custom', message: 'must be addresses and networks: 10.0.0.0/8[,…]' });
    }
    return ranges;
  });

const trustedProxies = z
  .string()
  .default('false')
  .transform((text) => {
    if (text === 'false') return false;
    return /^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim());
  })
  .refine((value) => !Array.isArray(value) || value.every((text) => parseCidr(text) !== undefined), {
    error: 'must be false, a number of proxies, or their addresses and networks: 10.0.0.0/8[,…]',
  });

/** Where others reach a service, without a slash at its end: paths are put behind it. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Settings that more than one process reads; each picks what it uses. */
export const sharedSettings = {
  HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  KAFKA_BROKERS: z
    .string({ error: 'must be host:port[,host:port…]' })
    .transform((list) => list.split(',').map((broker) => broker.trim())),
  KAFKA_PARTITIONS: count(8, 1_000).describe('of topics that do not exist yet'),
  MONGO_URL: z.string({ error: 'must be a mongodb:// URL' }).regex(/^mongodb(\+srv)?:\/\//, {
    error: 'must be a mongodb:// URL',
  }),
  AZURE_STORAGE_CONNECTION_STRING: z.string({ error: 'must be an Azure Storage connection string' }).min(1),
  BLOB_CONTAINER_UPLOADS: z.string().default('uploads'),
  BLOB_CONTAINER_HLS: z.string().default('hls'),
  MAX_UPLOAD_BYTES: count(10 * 1024 ** 3).describe('of one source file'),
  IMPORT_ALLOWED_NETWORKS: networks.describe('that sources may be imported from beside public addresses'),
  /** Proxies whose word on where a request comes from (X-Forwarded-For) is believed. */
  TRUST_PROXY: trustedProxies,
  STREAM_KEYS: z
    .string({ error: 'must be <kid>:<32 bytes, base64url>[,…]' })
    .regex(keyRingPattern, { error: 'must be <kid>:<32 bytes, base64url>[,…]' }),
};
