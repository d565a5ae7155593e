import { bearerToken } from '../../platform/api-keys.js';

/** The credential in the parameters of a WebSocket's `connection_init`, under the names of the headers. */
export function connectionCredential(params: Record<string, unknown> | undefined): string | undefined {
  const named = new Map(Object.entries(params ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const apiKey = named.get('x-api-key') ?? named.get('apikey');
  return bearerToken(named.get('authorization')) ?? (typeof apiKey === 'string' ? apiKey.trim() : undefined);
}
