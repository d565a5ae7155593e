import { z } from 'zod';
import type { PlatformAddress } from './platform-address.js';

/** What the platform answered instead of data. `code` is one of its stable codes. */
export class GraphqlError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).optional() }))
    .optional(),
});

export interface GraphqlOperation {
  query: string;
  variables: Record<string, unknown>;
}

export interface GraphqlClient {
  /** Sends an operation; `T` is what it selects. @throws GraphqlError */
  request<T>(operation: GraphqlOperation, signal: AbortSignal): Promise<T>;
  /** The same over a body of another kind. @throws GraphqlError */
  send<T>(body: RequestBody, signal: AbortSignal): Promise<T>;
}

export interface RequestBody {
  headers: Record<string, string>;
  body: string | ReadableStream<Uint8Array>;
}

/** GraphQL over HTTP. Nothing is retried: the caller knows what may be sent twice. */
export function createGraphqlClient(address: PlatformAddress): GraphqlClient {
  async function send<T>({ headers, body }: RequestBody, signal: AbortSignal): Promise<T> {
    const answer = await fetch(`${address.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, accept: 'application/json', authorization: `Bearer ${address.apiKey}` },
      body,
      signal,
      duplex: 'half',
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new GraphqlError('UNAVAILABLE', `${address.url} cannot be reached (${rootCause(error)}).`, {
        cause: error,
      });
    });
    return dataOf<T>(answer);
  }

  return {
    send,
    request: ({ query, variables }, signal) =>
      send(
        { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) },
        signal,
      ),
  };
}

async function dataOf<T>(answer: Response): Promise<T> {
  const parsed = answerSchema.safeParse(await answer.json().catch(() => undefined));
  const unexpected = new GraphqlError(
    'UNAVAILABLE',
    `The platform answered ${answer.status} ${answer.statusText}.`,
  );
  if (!parsed.success) throw unexpected;
  const [error] = parsed.data.errors ?? [];
  if (error) throw new GraphqlError(error.extensions?.code ?? 'INTERNAL_SERVER_ERROR', error.message);
  if (parsed.data.data === undefined) throw unexpected;
  return parsed.data.data as T;
}

function rootCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return rootCause(cause.errors[0]);
  return cause instanceof Error ? rootCause(cause) : error.message;
}
