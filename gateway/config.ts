import { z } from 'zod';
import { count, parseConfig, port, sharedSettings } from '../platform/config.js';

const publicUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

const settings = z
  .object({
    ...sharedSettings,
    GATEWAY_PORT: port(4000),
    /** As clients reach this process. */
    PUBLIC_GATEWAY_URL: publicUrl.optional(),
    /** As players reach the streamer. */
    PUBLIC_STREAM_URL: publicUrl.default('http://127.0.0.1:4001'),
    MAX_UPLOAD_BYTES: count(10 * 1024 ** 3),
    /** Who may make an account after the first user: who was invited, or anybody. */
    SIGN_UP: z.enum(['invitation', 'open']).default('invitation'),
    /** Introspection is for development. */
    NODE_ENV: z.string().default('development'),
  })
  .transform(({ PUBLIC_GATEWAY_URL, ...rest }) => ({
    ...rest,
    PUBLIC_GATEWAY_URL: PUBLIC_GATEWAY_URL ?? `http://127.0.0.1:${rest.GATEWAY_PORT}`,
  }));

export type GatewayConfig = z.infer<typeof settings>;

/** @throws Error naming each bad variable. */
export const gatewayConfig = (env: NodeJS.ProcessEnv): GatewayConfig => parseConfig(settings, env);
