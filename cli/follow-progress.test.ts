import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { followProgress } from './follow-progress.js';
import type { VideoProgress } from './video-progress.js';

const schema = buildSchema(`
  type Query { none: Int }
  type VideoError { code: String! message: String! retryable: Boolean! }
  type VideoProgress {
    videoId: ID! generation: Int! sequence: Int! uploadStatus: String! status: String! stage: String!
    playable: Boolean! percent: Float! playableSeconds: Float! workers: Int! speed: Float etaSeconds: Int
    queuePosition: Int error: VideoError
  }
  type Subscription { videoProgress(videoId: ID!): VideoProgress! }
`);

const event = (sequence: number, status: VideoProgress['status']): VideoProgress => ({
  videoId: 'video_1',
  generation: 1,
  sequence,
  uploadStatus: 'RECEIVED',
  status,
  stage: 'TRANSCODING',
  playable: false,
  percent: sequence * 10,
  playableSeconds: 0,
  workers: 0,
  speed: null,
  etaSeconds: null,
  queuePosition: null,
  error: null,
});

let http: Server;
let sockets: WebSocketServer;
let authorizations: unknown[];

/** A gateway whose n-th subscription yields what `connections[n]` does. */
function serve(connections: (() => Iterable<VideoProgress> | AsyncIterable<VideoProgress>)[]): void {
  useServer(
    {
      schema,
      onConnect: ({ connectionParams }) => {
        authorizations.push(connectionParams?.authorization);
        return connectionParams?.authorization === 'Bearer good';
      },
      subscribe: () => eventsOf(connections.shift()),
    },
    sockets,
  );
}

async function* eventsOf(source?: () => Iterable<VideoProgress> | AsyncIterable<VideoProgress>) {
  if (!source) throw new Error('one subscription too many');
  for await (const videoProgress of source()) yield { data: { videoProgress } };
}

const address = (apiKey = 'good') => ({
  url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  apiKey,
});

async function collect(events: AsyncIterable<VideoProgress>): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { sequence } of events) sequences.push(sequence);
  return sequences;
}

beforeEach(async () => {
  authorizations = [];
  http = createServer();
  sockets = new WebSocketServer({ server: http, path: '/graphql' });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  await new Promise((resolve) => http.close(resolve));
});

describe('followProgress', () => {
  it('yields every event until the platform completes', async () => {
    serve([
      function* () {
        yield event(1, 'QUEUED');
        yield event(2, 'PROCESSING');
        yield event(3, 'READY');
      },
    ]);
    expect(await collect(followProgress(address(), 'video_1', new AbortController().signal))).toEqual([
      1, 2, 3,
    ]);
    expect(authorizations).toEqual(['Bearer good']);
  });

  it('goes on after the connection was lost', async () => {
    serve([
      async function* () {
        yield event(1, 'PROCESSING');
        for (const socket of sockets.clients) socket.close(1012, 'restart');
        await new Promise(() => undefined);
      },
      function* () {
        yield event(2, 'PROCESSING');
        yield event(3, 'READY');
      },
    ]);
    expect(await collect(followProgress(address(), 'video_1', new AbortController().signal))).toEqual([
      1, 2, 3,
    ]);
  });

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    serve([
      async function* () {
        yield event(1, 'PROCESSING');
        await new Promise(() => undefined);
      },
    ]);
    const seen: number[] = [];
    const following = (async () => {
      for await (const { sequence } of followProgress(address(), 'video_1', stop.signal)) {
        seen.push(sequence);
        stop.abort();
      }
    })();
    await expect(following).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual([1]);
  });

  it('passes on what the platform refuses', async () => {
    sockets.removeAllListeners('connection');
    useServer(
      {
        schema,
        onSubscribe: () => [new GraphQLError('No such video', { extensions: { code: 'NOT_FOUND' } })],
      },
      sockets,
    );
    const following = collect(followProgress(address(), 'video_1', new AbortController().signal));
    await expect(following).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'No such video' });
  });
});
