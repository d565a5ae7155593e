import { z } from 'zod';
import { parseConfig, port, sharedSettings } from '../platform/config.js';

const settings = z.object({
  HOST: sharedSettings.HOST,
  GATEWAY_PORT: port(4000),
  STREAMER_PORT: port(4001),
  PROCESSOR_PORT: port(4002),
  STREAM_KEYS: sharedSettings.STREAM_KEYS.optional(),
});

export type StartSettings = z.infer<typeof settings>;

/** @throws Error naming each bad variable. */
export const startSettings = (env: NodeJS.ProcessEnv): StartSettings => parseConfig(settings, env);

/** Where a program on this machine finds what listens on `host`. */
export function localUrl(host: string, portNumber: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${portNumber}`;
}
