import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { UsageError } from './arguments.js';

/** Where a platform is, and who we are there. */
export interface PlatformAddress {
  /** Of the gateway, without a path. */
  url: string;
  apiKey: string;
}

const localSchema = z.object({ gatewayUrl: z.url(), apiKey: z.string().min(1) });

/**
 * The platform that the environment names, else the one that `npm start` left word of in DATA_DIR.
 * @throws UsageError where there is neither.
 */
export function platformAddress(env: NodeJS.ProcessEnv): PlatformAddress {
  const { STREAM_PLUS_URL: url, STREAM_PLUS_API_KEY: apiKey } = env;
  if (url && !URL.canParse(url)) throw new UsageError(`STREAM_PLUS_URL is not a URL: ${url}`);
  if (url && !apiKey)
    throw new UsageError('Set STREAM_PLUS_API_KEY as well: STREAM_PLUS_URL alone does not say who you are.');
  const local = url && apiKey ? undefined : localPlatform(env);
  const address = { url: url || local?.gatewayUrl, apiKey: apiKey || local?.apiKey };
  if (address.url && address.apiKey) return { url: address.url.replace(/\/+$/, ''), apiKey: address.apiKey };
  throw new UsageError(
    'No platform was started here: npm start, or set STREAM_PLUS_URL and STREAM_PLUS_API_KEY.',
  );
}

function localPlatform(env: NodeJS.ProcessEnv): z.infer<typeof localSchema> | undefined {
  const file = resolve(env.DATA_DIR || '.data', 'local.json');
  try {
    return localSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`${file} cannot be read: start the platform again (npm start).`, { cause: error });
  }
}
