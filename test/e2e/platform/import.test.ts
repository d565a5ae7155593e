import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { retryUntil } from '../../../local/retry-until.js';
import { isTerminal, UploadStatus } from '../../../schema/enums.js';
import { Video } from '../../../schema/video.js';
import { Worker } from '../../../schema/worker.js';
import { serveFile, startBadServer, type BadServer } from '../../support/bad-server.js';
import { makeFilm } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { outcomes, untilJob } from '../../support/platform-jobs.js';
import type { Service } from '../../support/platform-service.js';

let platform: Platform;
let film: Buffer;
let server: BadServer;
let importers: Service[];
/** Lets `/half` send the rest of the film. */
let release: () => void = () => undefined;

const IMPORTS_ALONE = { CONSUMERS_MAX: '0', LEASE_SECONDS: '2' };

beforeAll(async () => {
  platform = await startPlatform({ settings: { IMPORT_ALLOWED_NETWORKS: '127.0.0.1/32' } });
  film = await readFile(await makeFilm(platform.dataDir, { name: 'film', seconds: 3, size: '320x240' }));
  const half = Math.floor(film.length / 2);
  const etag = '"v1"';
  server = await startBadServer({
    '/film.mp4': (request, response, count) =>
      serveFile(request, response, {
        ...{ body: film, etag, hasRanges: true },
        ...(count === 1 && { breakAfter: half }),
      }),
    '/half.mp4'(_, response) {
      response.writeHead(200, { 'content-length': film.length }).write(film.subarray(0, half));
      release = () => response.end(film.subarray(half));
    },
    '/inside': (_, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
  });
  // One that decodes alone and two that import alone, as the compose file has them.
  const [, ...rest] = await Promise.all([
    platform.startProcessor({ IMPORTS_MAX: '0' }),
    platform.startProcessor(IMPORTS_ALONE),
    platform.startProcessor(IMPORTS_ALONE),
  ]);
  importers = rest;
}, 60_000);

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await platform?.stop();
}, 60_000);

async function importVideo(path: string): Promise<string> {
  const { importVideo: video } = await platform.client.query<{ importVideo: { id: string } }>(
    'mutation ($input: ImportVideoInput!) { importVideo(input: $input) { id uploadStatus status } }',
    { input: { projectId: platform.client.projectId, url: server.url(path).href } },
  );
  return video.id;
}

interface ImportedVideo {
  title: string;
  uploadStatus: string;
  status: string;
  source: { filename: string; sizeBytes: number; sha256: string } | null;
  error: { code: string; retryable: boolean } | null;
}

async function videoOf(id: string): Promise<ImportedVideo> {
  const { video } = await platform.client.query<{ video: ImportedVideo }>(
    `query ($id: ID!) { video(id: $id) {
      title uploadStatus status source { filename sizeBytes sha256 } error { code retryable } } }`,
    { id },
  );
  return video;
}

const half = { 'progress.stage': 'UPLOADING', uploadStatus: UploadStatus.RECEIVING } as const;

/** Resolves once the server has sent the first half of a video that is imported from `/half.mp4`. */
async function untilHalf(videoId: string): Promise<void> {
  await retryUntil(
    async () => {
      const video = await platform.db
        .model(Video)
        .findOne({ _id: videoId, ...half })
        .lean();
      if (!video?.progress.receivedBytes) throw new Error('nothing has arrived');
    },
    { signal: AbortSignal.timeout(30_000), everyMs: 25 },
  );
}

async function listed(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of platform.uploads.list('')) names.push(name);
  return names;
}

describe('a video that is imported', () => {
  it('becomes READY, though its server breaks off in the middle', async () => {
    const id = await importVideo('/film.mp4?sig=secret');
    const events = await platform.client.follow(id).completed;
    const video = await videoOf(id);
    expect(video).toMatchObject({
      ...{ title: 'film', uploadStatus: 'RECEIVED', status: 'READY', error: null },
      source: {
        ...{ filename: 'film.mp4', sizeBytes: film.length },
        sha256: createHash('sha256').update(film).digest('hex'),
      },
    });
    expect(events.at(-1)?.status).toBe('READY');
    expect(server.seen.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      [expect.stringMatching(/^bytes=[1-9]\d*-$/), '"v1"'],
    ]);
  }, 60_000);

  it('goes on with another processor where the first one is killed', async () => {
    const id = await importVideo('/half.mp4');
    await untilHalf(id);
    const { workerId } = await untilJob(platform, { videoId: id, kind: 'IMPORT', state: 'CLAIMED' });
    const worker = await platform.db.model(Worker).findById(workerId).lean();
    const killed = importers.find(({ pid }) => pid === worker?.pid);
    const asked = server.seen.length;
    killed?.signal('SIGKILL');
    expect(await killed?.ended).toBe('SIGKILL');
    await retryUntil(
      () => (server.seen.length > asked ? Promise.resolve() : Promise.reject(new Error('not asked again'))),
      { signal: AbortSignal.timeout(30_000), everyMs: 25 },
    );
    release();
    await platform.client.follow(id).until(({ uploadStatus }) => uploadStatus === 'RECEIVED');
    const job = await untilJob(platform, { videoId: id, kind: 'IMPORT', state: 'DONE' });
    expect(outcomes(job)).toEqual(['LOST', 'DONE']);
    expect((await videoOf(id)).source?.sha256).toBe(createHash('sha256').update(film).digest('hex'));
    await killed?.start();
  }, 60_000);

  it('is stopped in the middle, and leaves neither a file nor a connection', async () => {
    const before = await listed();
    const id = await importVideo('/half.mp4');
    await untilHalf(id);
    const stopped = await platform.client.query<{ stopVideo: { status: string } }>(
      'mutation ($id: ID!) { stopVideo(id: $id) { status } }',
      { id },
    );
    expect(stopped.stopVideo.status).toBe('STOPPED');
    await retryUntil(
      async () => {
        if ((await server.open()) > 0) throw new Error('still connected');
        expect(await listed()).toEqual(before);
      },
      { signal: AbortSignal.timeout(30_000), everyMs: 25 },
    );
    expect(await videoOf(id)).toMatchObject({ status: 'STOPPED', uploadStatus: 'FAILED' });
  }, 60_000);

  it('fails for good where it is led inside, and stays to say so', async () => {
    const id = await importVideo('/inside');
    await platform.client.follow(id).until(({ status }) => isTerminal(status));
    expect(await videoOf(id)).toMatchObject({
      ...{ status: 'FAILED', uploadStatus: 'FAILED' },
      error: { code: 'SOURCE_FORBIDDEN', retryable: false },
    });
  }, 60_000);
});
