import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { IdempotencyKey } from '../../schema/idempotency-key.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { ask, upload } from './gateway-client.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';

const film = { bytes: Buffer.alloc(50_000, 'film\0'), name: 'film.mp4' };
const letter = { bytes: Buffer.from('Dear all, this is a letter.'), name: 'film.mp4' };

const logQuery = `query ($projectId: ID!, $first: Int, $after: String) {
  uploads(projectId: $projectId, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      id videoId method sender address filename status errorCode
      declaredBytes receivedBytes createdAt startedAt endedAt averageBytesPerSecond
    } }
  }
}`;

interface LogPage {
  uploads: {
    pageInfo: { hasNextPage: boolean; endCursor: string };
    edges: { node: Record<string, unknown> & { startedAt: string; endedAt: string } }[];
  };
}

const send = ({ url, tenant }: GatewayFixture, file: typeof film, idempotencyKey?: string) =>
  upload({ url, key: tenant.key }, { projectId: tenant.projectId, idempotencyKey }, file);

async function readLog({ url, tenant }: GatewayFixture, page: object = {}) {
  const variables = { projectId: tenant.projectId, ...page };
  const { data, errors } = await ask<LogPage>({ url, key: tenant.key }, logQuery, variables);
  expect(errors).toBeUndefined();
  return data?.uploads;
}

describe('the upload log', () => {
  it('has what arrived and what did not, the newest first, and outlives the videos', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { data } = await send(fixture, film);
      expect((await send(fixture, letter)).errors?.[0]?.extensions).toMatchObject({
        ...{ code: 'UNSUPPORTED_MEDIA', found: 'text/plain' },
      });
      expect(await fixture.db.model(Video).countDocuments()).toBe(1);
      const newest = await readLog(fixture, { first: 1 });
      const older = await readLog(fixture, { first: 1, after: newest?.pageInfo.endCursor });
      expect(newest?.pageInfo.hasNextPage).toBe(true);
      expect(older?.pageInfo.hasNextPage).toBe(false);
      expect(newest?.edges[0]?.node).toMatchObject({
        ...{ status: 'FAILED', errorCode: 'UNSUPPORTED_MEDIA', method: 'MULTIPART', filename: 'film.mp4' },
        receivedBytes: letter.bytes.length,
      });
      const arrived = older?.edges[0]?.node;
      expect(arrived).toMatchObject({
        ...{ status: 'RECEIVED', errorCode: null, videoId: data?.uploadVideo.id, address: '127.0.0.1' },
        ...{ receivedBytes: film.bytes.length, declaredBytes: null, sender: expect.stringMatching(/^key_/) },
      });
      const seconds = (Date.parse(arrived?.endedAt ?? '') - Date.parse(arrived?.startedAt ?? '')) / 1000;
      expect(arrived?.averageBytesPerSecond).toBeCloseTo(film.bytes.length / Math.max(0.001, seconds), 3);
    }));
});

describe('an idempotency key', () => {
  it('answers with the same video, also to those who ask at once; the file is stored once', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const answers = await Promise.all([1, 2, 3].map(() => send(fixture, film, 'order 7')));
      const again = await send(fixture, film, 'order 7');
      const ids = [...answers, again].map(({ data }) => data?.uploadVideo.id);
      expect(new Set(ids).size).toBe(1);
      expect(again.data?.uploadVideo).toMatchObject({ uploadStatus: 'RECEIVED' });
      expect(await fixture.db.model(Job).countDocuments()).toBe(1);
      expect(await fixture.db.model(Video).countDocuments()).toBe(1);
      const other = await send(fixture, film, 'order 8');
      expect(ids).not.toContain(other.data?.uploadVideo.id);
    }));

  it('is free again where its upload did not arrive, and refused where it is not one', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      expect((await send(fixture, letter, 'order 7')).errors).toHaveLength(1);
      expect((await send(fixture, film, 'order 7')).data?.uploadVideo).toMatchObject({ status: 'QUEUED' });
      const bad = await send(fixture, film, 'x'.repeat(256));
      expect(bad.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'idempotencyKey' });
      expect(await fixture.db.model(IdempotencyKey).countDocuments()).toBe(1);
    }));
});

describe('the source of a video', () => {
  it('says its SHA-256', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { url, tenant } = fixture;
      const { data } = await send(fixture, film);
      const { data: read } = await ask<{ video: { source: { sha256: string } } }>(
        { url, key: tenant.key },
        'query ($id: ID!) { video(id: $id) { source { sha256 } progress { receivedBytes totalBytes } } }',
        { id: data?.uploadVideo.id },
      );
      expect(read?.video).toEqual({
        source: { sha256: createHash('sha256').update(film.bytes).digest('hex') },
        progress: { receivedBytes: film.bytes.length, totalBytes: film.bytes.length },
      });
    }));
});
