import { describe, expect, it } from '@jest/globals';
import { type ClientRequest, request } from 'node:http';
import { sourceKey } from '../../schema/blob-paths.js';
import { Job } from '../../schema/job.js';
import { newId } from '../../schema/ids.js';
import { UploadEntry } from '../../schema/upload-entry.js';
import { Video } from '../../schema/video.js';
import { createTenant, eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';

const film = Buffer.alloc(50_000, '\0film');

/** The parts of a form in the order given: a file where it is bytes, text where it is text. */
function formOf(parts: readonly (readonly [name: string, value: Buffer | string])[]): FormData {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)]), 'my film.mp4');
  }
  return form;
}

interface Answer {
  status: number;
  location: string | null;
  json: Record<string, unknown>;
}

async function post(
  { url, tenant }: GatewayFixture,
  body: FormData | string | undefined,
  {
    projectId = tenant.projectId,
    headers = {},
  }: { projectId?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/${projectId}/upload`, {
    ...{ method: 'POST', body },
    headers: { authorization: `Bearer ${tenant.key}`, ...headers },
  });
  const json = (await response.json()) as Answer['json'];
  return { status: response.status, location: response.headers.get('location'), json };
}

/** Starts a form by hand, and sends the beginning of its file. */
function begin({ url, tenant }: GatewayFixture, headers: Record<string, string> = {}): ClientRequest {
  const sending = request(`${url}/${tenant.projectId}/upload`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'multipart/form-data; boundary=b', authorization: `Bearer ${tenant.key}` },
      ...headers,
    },
  });
  sending.on('error', () => undefined);
  sending.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n');
  sending.write(film);
  return sending;
}

const countVideos = ({ db }: GatewayFixture) => db.model(Video).countDocuments();

async function nothingIsLeft(fixture: GatewayFixture): Promise<boolean> {
  for await (const _ of fixture.blobs.list('')) return false;
  return (await countVideos(fixture)) === 0;
}

const refused = (status: number, code: string, more: object = {}) => ({
  ...{ status, location: null },
  json: expect.objectContaining({ type: 'about:blank', status, code, ...more }),
});

describe('POST /:projectID/upload', () => {
  it('stores a film and queues it, its title before the file, after it or nowhere', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, blobs, tenant } = fixture;
      for (const [parts, title] of [
        [
          [
            ['title', 'Before'],
            ['file', film],
          ],
          'Before',
        ],
        [
          [
            ['file', film],
            ['title', ' After it '],
          ],
          'After it',
        ],
        [[['file', film]], 'my film'],
      ] as const) {
        const { status, location, json } = await post(fixture, formOf(parts));
        const videoId = String(json.videoId);
        expect([status, json]).toEqual([
          201,
          {
            ...{ videoId, status: 'QUEUED' },
            links: {
              self: `http://play.test/videos/${videoId}`,
              reprocess: `https://gateway.test/reprocess/${tenant.projectId}/${videoId}`,
              progress: 'wss://gateway.test/graphql',
            },
          },
        ]);
        expect(location).toBe(`http://play.test/videos/${videoId}`);
        expect(await db.model(Video).findById(videoId).lean()).toMatchObject({
          ...{ title, uploadStatus: 'RECEIVED', source: { filename: 'my film.mp4', sizeBytes: film.length } },
        });
        expect(await blobs.get(sourceKey(videoId))).toEqual(film);
        expect(await db.model(Job).countDocuments({ videoId, kind: 'PLAN' })).toBe(1);
        const entry = await db.model(UploadEntry).findOne({ videoId }).lean();
        expect(entry).toMatchObject({ method: 'MULTIPART', status: 'RECEIVED', address: '127.0.0.1' });
      }
    }));

  it('makes one video of what is sent again under its key', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const send = (key: string) => {
        return post(fixture, formOf([['file', film]]), { headers: { 'idempotency-key': key } });
      };
      const first = await send('"day 1"');
      expect(first.status).toBe(201);
      expect([await send('"day 1"'), await send('day 1')]).toEqual([first, first]);
      expect(await countVideos(fixture)).toBe(1);
      expect((await send('"day 2"')).json.videoId).not.toBe(first.json.videoId);
      expect(await send('')).toEqual(refused(400, 'BAD_USER_INPUT', { field: 'Idempotency-Key' }));
      expect(await send('x'.repeat(257))).toEqual(
        refused(400, 'BAD_USER_INPUT', { field: 'Idempotency-Key' }),
      );
      // Its film is far from here, and the answer is not.
      const again = begin(fixture, { 'idempotency-key': 'day 1', 'content-length': '900000' });
      expect(await statusOf(again)).toBe(201);
      again.destroy();
    }));

  it('refuses what it cannot take, and leaves nothing of it', () =>
    withGateway({ kafka: 'silent', maxUploadBytes: 60_000 }, async (fixture) => {
      const { db } = fixture;
      const file = ['file', film] as const;
      const badInput = (field: string) => refused(400, 'BAD_USER_INPUT', { field });
      const answers = [
        [await post(fixture, formOf([['title', 'A']])), badInput('file')],
        [await post(fixture, formOf([file, file])), badInput('file')],
        [await post(fixture, formOf([['movie', film]])), badInput('movie')],
        [await post(fixture, formOf([file, ['titel', 'A']])), badInput('titel')],
        [await post(fixture, formOf([file, ['title', 'x'.repeat(300)]])), badInput('title')],
        [await post(fixture, formOf([['file', Buffer.alloc(0)]])), badInput('file')],
        [await post(fixture, formOf([['file', Buffer.from('<svg/>')]])), refused(415, 'UNSUPPORTED_MEDIA')],
        [
          await post(fixture, formOf([['file', Buffer.alloc(70_000)]])),
          refused(413, 'UPLOAD_TOO_LARGE', { limitBytes: 60_000 }),
        ],
        [await post(fixture, 'film'), refused(415, 'UNSUPPORTED_CONTENT_TYPE')],
        [await post(fixture, undefined), refused(415, 'UNSUPPORTED_CONTENT_TYPE')],
        [
          await post(fixture, 'film', { headers: { 'content-type': 'multipart/form-data' } }),
          badInput('file'),
        ],
        [await post(fixture, formOf([file]), { projectId: newId('project') }), refused(404, 'NOT_FOUND')],
        [
          await post(fixture, formOf([file]), { projectId: (await createTenant(db)).projectId }),
          refused(404, 'NOT_FOUND'),
        ],
        [
          await post(fixture, formOf([file]), { headers: { authorization: '' } }),
          refused(401, 'UNAUTHENTICATED'),
        ],
      ];
      for (const [answer, expected] of answers) expect(answer).toEqual(expected);
      expect(await nothingIsLeft(fixture)).toBe(true);
    }));

  it('answers early where the request says that it is too large, and forgets who goes away', () =>
    withGateway({ kafka: 'silent', maxUploadBytes: 60_000 }, async (fixture) => {
      const large = begin(fixture, { 'content-length': String(50 * 1024 ** 3) });
      expect(await statusOf(large)).toBe(413);
      large.destroy();
      const leaving = begin(fixture);
      await eventually(async () => (await countVideos(fixture)) === 1);
      leaving.destroy();
      await eventually(() => nothingIsLeft(fixture));
    }));
});

const statusOf = (sending: ClientRequest): Promise<number | undefined> =>
  new Promise((resolve) => {
    sending.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
