import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { publishProgress } from '../../platform/progress-publisher.js';
import { VideoStatus } from '../../schema/enums.js';
import { newId } from '../../schema/ids.js';
import type { VideoProgress } from '../../schema/video-progress.js';
import { Video } from '../../schema/video.js';
import { connect, type GraphqlError, type Sender } from './gateway-client.js';
import { createTenant, eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';
import { progressAt, storeVideo } from './gateway-videos.js';

const videoSubscription = `subscription ($videoId: ID!) {
  videoProgress(videoId: $videoId) { videoId sequence status stage percent playable queuePosition } }`;
const projectSubscription = `subscription ($projectId: ID!) {
  projectProgress(projectId: $projectId) { videoId sequence status } }`;

type Answer = { data?: Record<string, VideoProgress> | null; errors?: GraphqlError[] };

/** Subscribes, and collects what arrives; `completed` resolves at the end. */
function follow(sender: Sender, query: string, variables: Record<string, unknown>) {
  const client = connect(sender);
  const answers: Answer[] = [];
  const waiting: (() => void)[] = [];
  const completed = new Promise<void>((resolve, reject) => {
    client.subscribe<Record<string, VideoProgress>>(
      { query, variables },
      {
        next(answer) {
          answers.push(answer as unknown as Answer);
          waiting.splice(0).forEach((wake) => wake());
        },
        error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
        complete: resolve,
      },
    );
  });
  completed.catch(() => undefined);
  const events = () => answers.flatMap(({ data }) => Object.values(data ?? {}));
  return {
    answers,
    events,
    completed,
    async until(isThere: (event: VideoProgress) => boolean): Promise<void> {
      while (!events().some(isThere)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    stop: async () => client.dispose(),
  };
}

/** Changes a stored video as a processor does; says so over Kafka unless `isSilent`. */
async function advance(
  { db, publisher }: GatewayFixture,
  videoId: string,
  change: { percent: number; status?: VideoStatus },
  isSilent = false,
): Promise<Video> {
  const { percent, status = VideoStatus.PROCESSING } = change;
  const video = await db
    .model(Video)
    .findOneAndUpdate(
      { _id: videoId },
      {
        $set: { 'progress.percent': percent, 'progress.at': new Date(), status },
        $inc: { 'progress.sequence': 1 },
      },
      { returnDocument: 'after' },
    )
    .lean<Video>();
  if (!video) throw new Error('no such video');
  if (!isSilent) await publishProgress(publisher, video);
  return video;
}

const isGrowing = (numbers: number[]) =>
  numbers.every((n, at) => at === 0 || n > (numbers[at - 1] ?? Infinity));

describe('the progress of a video', () => {
  it('starts with a snapshot, goes on in order over Kafka, and completes at the end', () =>
    withGateway({}, async (fixture) => {
      const { db, tenant, url, publisher } = fixture;
      const videoId = await storeVideo(db, tenant);
      const following = follow({ url, key: tenant.key }, videoSubscription, { videoId });
      await following.until(({ sequence }) => sequence === 2);
      expect(following.events()[0]).toMatchObject({ videoId, status: 'PROCESSING', percent: 10 });

      // What is only on the topic, and not in the database, can have come from nowhere else.
      const stored = await db.model(Video).findById(videoId).lean<Video>();
      if (!stored) throw new Error('no such video');
      const published = { ...stored, progress: { ...stored.progress, sequence: 50, percent: 50 } };
      await eventually(async () => {
        await publishProgress(publisher, published);
        return following.events().some(({ sequence }) => sequence === 50);
      });
      for (let sequence = 51; sequence < 60; sequence += 1) {
        await publishProgress(publisher, { ...published, progress: { ...published.progress, sequence } });
      }
      await publishProgress(publisher, {
        ...published,
        status: VideoStatus.READY,
        progress: { ...published.progress, sequence: 60, percent: 100 },
      });
      await following.completed;
      const sequences = following.events().map(({ sequence }) => sequence);
      expect(isGrowing(sequences)).toBe(true);
      expect(following.events().at(-1)).toMatchObject({ sequence: 60, status: 'READY', percent: 100 });
      await following.stop();
    }));

  it(
    'arrives late, but complete, when Kafka is down',
    () =>
      withGateway({ kafka: 'down' }, async (fixture) => {
        const { db, tenant, url } = fixture;
        const videoId = await storeVideo(db, tenant);
        const following = follow({ url, key: tenant.key }, videoSubscription, { videoId });
        await following.until(({ sequence }) => sequence === 2);
        await advance(fixture, videoId, { percent: 40 }, true);
        await following.until(({ percent }) => percent === 40);
        await advance(fixture, videoId, { percent: 100, status: VideoStatus.READY }, true);
        await following.completed;
        expect(following.events().map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
        await following.stop();
      }),
    30_000,
  );

  it('of a finished video is one snapshot', () =>
    withGateway({ kafka: 'silent' }, async ({ db, tenant, url }) => {
      const videoId = await storeVideo(db, tenant, { status: 'FAILED' });
      const following = follow({ url, key: tenant.key }, videoSubscription, { videoId });
      await following.completed;
      expect(following.events()).toMatchObject([{ status: 'FAILED', sequence: 2 }]);
      await following.stop();
    }));

  it('of another tenant is not found, like that of no video', () =>
    withGateway({ kafka: 'silent' }, async ({ db, tenant, url }) => {
      const foreign = await storeVideo(db, await createTenant(db));
      for (const videoId of [foreign, newId('video')]) {
        const following = follow({ url, key: tenant.key }, videoSubscription, { videoId });
        await following.completed;
        expect(following.answers).toMatchObject([{ errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
        await following.stop();
      }
    }));
});

describe('the progress of a project', () => {
  it(
    'covers its unfinished videos and those to come, and no others',
    () =>
      withGateway({ kafka: 'silent' }, async (fixture) => {
        const { db, tenant, url } = fixture;
        const running = await storeVideo(db, tenant);
        await storeVideo(db, tenant, { status: 'READY', progress: progressAt(new Date(0)) });
        await storeVideo(db, await createTenant(db));
        const following = follow({ url, key: tenant.key }, projectSubscription, {
          projectId: tenant.projectId,
        });
        await following.until(({ videoId }) => videoId === running);
        const later = await storeVideo(db, tenant);
        await following.until(({ videoId }) => videoId === later);
        await advance(fixture, running, { percent: 100, status: VideoStatus.READY }, true);
        await following.until(({ status }) => status === 'READY');
        expect(following.events().map(({ videoId }) => videoId)).toEqual([running, later, running]);
        await following.stop();
      }),
    30_000,
  );

  it('of another tenant is not found', () =>
    withGateway({ kafka: 'silent' }, async ({ db, tenant, url }) => {
      const { projectId } = await createTenant(db);
      const following = follow({ url, key: tenant.key }, projectSubscription, { projectId });
      await following.completed;
      expect(following.answers).toMatchObject([{ errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
      await following.stop();
    }));
});

describe('a connection', () => {
  const closeCode = (url: string, sent: unknown[], protocol = 'graphql-transport-ws') =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol);
      socket.on('open', () => sent.forEach((message) => socket.send(JSON.stringify(message))));
      socket.on('close', resolve);
    });

  it('without a valid key is refused with 4403, without a greeting with 4408', () =>
    withGateway({ kafka: 'silent' }, async ({ url }) => {
      const init = (payload?: Record<string, unknown>) => [{ type: 'connection_init', payload }];
      const codes = await Promise.all([
        closeCode(url, init()),
        closeCode(url, init({ authorization: 'Bearer nonsense' })),
        closeCode(url, []),
        closeCode(url, [{ type: 'subscribe', id: '1', payload: { query: '{ viewer { kind } }' } }]),
      ]);
      expect(codes).toEqual([4403, 4403, 4408, 4401]);
    }));

  it('is closed when it sends a message that is too large', () =>
    withGateway({ kafka: 'silent' }, async ({ url }) => {
      expect(await closeCode(url, [{ type: 'connection_init', payload: { x: 'x'.repeat(70_000) } }])).toBe(
        1009,
      );
    }));

  it('may have a hundred operations under way, and is told of the one too many', () =>
    withGateway({ kafka: 'silent' }, async ({ url, db, tenant }) => {
      const videoId = await storeVideo(db, tenant);
      const client = connect({ url, key: tenant.key });
      let snapshots = 0;
      const refusal = await new Promise((resolve, reject) => {
        const subscribe = (sink: { next?: () => void; error: (error: unknown) => void }) =>
          client.subscribe(
            { query: videoSubscription, variables: { videoId } },
            { next: () => undefined, complete: () => undefined, ...sink },
          );
        const next = () => {
          snapshots += 1;
          if (snapshots === 100) subscribe({ error: resolve });
        };
        for (let n = 0; n < 100; n += 1) subscribe({ next, error: reject });
      });
      expect(refusal).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
      await client.dispose();
    }));

  it('follows the same rules as HTTP', () =>
    withGateway({ kafka: 'silent', isOpen: false }, async ({ url, tenant }) => {
      const client = connect({ url, key: tenant.key });
      const refusal = (query: string) =>
        new Promise((resolve) =>
          client.subscribe({ query }, { next: resolve, error: resolve, complete: () => undefined }),
        );
      const invalid = { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } };
      expect(await refusal('{ __schema { description } }')).toMatchObject([invalid]);
      expect(await refusal('{ viewer { kin } }')).toMatchObject([
        { ...invalid, message: 'Cannot query field "kin" on type "Viewer".' },
      ]);
      expect(await refusal('{ viewer {')).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
      await client.dispose();
    }));

  it('is told to go away when the gateway stops', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const code = new Promise<number>((resolve) => {
        const client = connect({ url: fixture.url, key: fixture.tenant.key }, resolve);
        client.subscribe(
          { query: '{ viewer { kind } }' },
          { next: () => void fixture.close(), error: () => undefined, complete: () => undefined },
        );
      });
      expect(await code).toBe(1001);
    }));
});
