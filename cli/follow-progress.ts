import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { z } from 'zod';
import { GraphqlError } from './graphql-client.js';
import type { PlatformAddress } from './platform-address.js';
import { progressFields, videoProgressSchema, type VideoProgress } from './video-progress.js';

/** About a minute and a half of a gateway that is not there; counted anew after each connection. */
const MAX_RETRIES = 20;
const MAX_RETRY_MS = 5_000;
const KEEP_ALIVE_MS = 15_000;

const subscription = `subscription ($videoId: ID!) { videoProgress(videoId: $videoId) { ${progressFields} } }`;

/**
 * A video's progress from now until it is done, through restarts of the gateway: each connection begins
 * with a snapshot, so nothing is missed.
 * @throws GraphqlError where the platform refuses, or stays away.
 */
export async function* followProgress(
  address: PlatformAddress,
  videoId: string,
  signal: AbortSignal,
): AsyncGenerator<VideoProgress> {
  // Closes its socket by itself once nobody subscribes any more.
  const client = createClient({
    url: `${address.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${address.apiKey}` },
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: MAX_RETRIES,
    shouldRetry: () => !signal.aborted,
    retryWait: (retries) => pause(Math.min(MAX_RETRY_MS, 250 * 2 ** retries), signal),
  });
  const events = client.iterate<{ videoProgress: unknown }>({ query: subscription, variables: { videoId } });
  const abort = () => void events.return?.();
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const { data, errors } of events) {
      if (errors?.[0]) throw toGraphqlError(errors);
      if (data) yield videoProgressSchema.parse(data.videoProgress);
    }
    signal.throwIfAborted();
  } catch (error) {
    throw toGraphqlError(error);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Ends early, without a word, when `signal` is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

const refusalSchema = z.array(
  z.object({ message: z.string(), extensions: z.object({ code: z.string() }).optional() }),
);
const closeSchema = z.object({ code: z.number(), reason: z.string() });

/** graphql-ws throws whatever ended the subscription: errors of GraphQL, a close event, a socket's error. */
function toGraphqlError(error: unknown): unknown {
  if (error instanceof GraphqlError || (error as Error).name === 'AbortError') return error;
  const [refusal] = refusalSchema.safeParse(error).data ?? [];
  if (refusal) return new GraphqlError(refusal.extensions?.code ?? 'INTERNAL_SERVER_ERROR', refusal.message);
  const closed = closeSchema.safeParse(error).data;
  const reason = closed ? `closed with ${closed.code} ${closed.reason}`.trim() : (error as Error).message;
  return new GraphqlError('UNAVAILABLE', `The connection for progress was lost: ${reason}`, { cause: error });
}
