import { describe, expect, it } from '@jest/globals';
import { sourceKey } from '../../schema/blob-paths.js';
import { Job } from '../../schema/job.js';
import { newId } from '../../schema/ids.js';
import { Video } from '../../schema/video.js';
import { answerTo, ask, beginUpload, END_OF_UPLOAD, upload } from './gateway-client.js';
import { createTenant, eventually, type GatewayFixture, withGateway } from './gateway-fixture.js';

const film = { bytes: Buffer.alloc(300_000, 'film\0'), name: 'my film.mp4' };

async function blobNames({ blobs }: GatewayFixture): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of blobs.list('')) names.push(name);
  return names;
}

const countVideos = ({ db }: GatewayFixture) => db.model(Video).countDocuments();

const nothingIsLeft = async (fixture: GatewayFixture): Promise<boolean> =>
  (await countVideos(fixture)) === 0 && (await blobNames(fixture)).length === 0;

describe('an upload', () => {
  it('is stored whole and queued, under a title of its own', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { url, tenant, db, blobs } = fixture;
      const { data, errors } = await upload({ url, key: tenant.key }, { projectId: tenant.projectId }, film);
      expect(errors).toBeUndefined();
      expect(data?.uploadVideo).toMatchObject({
        title: 'my film',
        uploadStatus: 'RECEIVED',
        status: 'QUEUED',
        playable: false,
        source: { filename: 'my film.mp4', sizeBytes: film.bytes.length },
        progress: { sequence: 2, stage: 'QUEUED', queuePosition: 1 },
        project: { id: tenant.projectId },
      });
      const videoId = data?.uploadVideo.id ?? '';
      expect(await blobs.get(sourceKey(videoId))).toEqual(film.bytes);
      const jobs = await db.model(Job).find({ videoId }).lean();
      expect(jobs).toMatchObject([{ kind: 'PLAN', state: 'QUEUED', generation: 1 }]);
      expect((await db.model(Video).findById(videoId).lean())?.uploadLeaseUntil).toBeUndefined();
    }));

  it('takes its title from the sender, on one line', () =>
    withGateway({ kafka: 'silent' }, async ({ url, tenant }) => {
      const input = { projectId: tenant.projectId, title: ' A\nday  at the sea ' };
      const { data } = await upload({ url, key: tenant.key }, input, {
        ...film,
        name: '../../etc/passwd.mp4',
      });
      expect(data?.uploadVideo).toMatchObject({
        title: 'A day  at the sea',
        source: { filename: 'passwd.mp4' },
      });
    }));

  it('that is empty, too large or for another project leaves nothing', () =>
    withGateway({ kafka: 'silent', maxUploadBytes: 100_000 }, async (fixture) => {
      const { url, tenant, db } = fixture;
      const sender = { url, key: tenant.key };
      const own = { projectId: tenant.projectId };
      const foreign = { projectId: (await createTenant(db)).projectId };
      const missing = { projectId: newId('project') };
      const empty = { ...film, bytes: Buffer.alloc(0) };
      const small = { ...film, bytes: Buffer.alloc(10) };
      const refused = [
        await upload(sender, own, empty),
        await upload(sender, own, film),
        await upload(sender, { ...own, title: 'x'.repeat(300) }, small),
        await upload(sender, foreign, small),
        await upload(sender, missing, small),
      ].map(({ errors }) => errors?.[0]);
      expect(refused).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'file' } },
        { extensions: { code: 'UPLOAD_TOO_LARGE', limitBytes: 100_000 } },
        { extensions: { code: 'BAD_USER_INPUT', field: 'title' } },
        { extensions: { code: 'NOT_FOUND' } },
        { extensions: { code: 'NOT_FOUND' } },
      ]);
      expect(refused[3]).toEqual(refused[4]);
      expect(await nothingIsLeft(fixture)).toBe(true);
    }));

  it('that says beforehand that it is too large is refused before it is read', () =>
    withGateway({ kafka: 'silent', maxUploadBytes: 100_000 }, async (fixture) => {
      const sending = beginUpload(fixture, { 'content-length': String(50 * 1024 ** 3) });
      expect(await answerTo(sending)).toMatchObject({
        errors: [{ extensions: { code: 'UPLOAD_TOO_LARGE' } }],
      });
      sending.on('error', () => undefined).destroy();
    }));

  it('without a valid key is refused before it is read', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const sending = beginUpload(fixture, { authorization: 'Bearer nonsense' });
      expect(await answerTo(sending)).toMatchObject({
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
      sending.on('error', () => undefined).destroy();
      expect(await countVideos(fixture)).toBe(0);
    }));

  it('is visible while it arrives; a sender that goes away leaves neither video nor blob', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const sending = beginUpload(fixture);
      sending.on('error', () => undefined);
      await eventually(async () => (await countVideos(fixture)) === 1);
      const { data } = await ask<{ videos: { edges: unknown[] } }>(
        { url: fixture.url, key: fixture.tenant.key },
        `query ($projectId: ID!) { videos(projectId: $projectId, filter: { uploadStatus: RECEIVING }) {
          edges { node { progress { stage sequence queuePosition } } } } }`,
        { projectId: fixture.tenant.projectId },
      );
      expect(data?.videos.edges).toEqual([
        { node: { progress: { stage: 'UPLOADING', sequence: 1, queuePosition: null } } },
      ]);
      sending.destroy();
      await eventually(() => nothingIsLeft(fixture));
    }));

  it.each([{ kafka: 'silent' as const }, {}])(
    'that is stopped while it arrives is broken off, and its video stays as such (%o)',
    (options) =>
      withGateway(options, async (fixture) => {
        const { url, tenant, db } = fixture;
        const sending = beginUpload(fixture);
        sending.on('error', () => undefined);
        const answer = answerTo(sending);
        await eventually(async () => (await countVideos(fixture)) === 1);
        const { _id: id } = await db.model(Video).findOne().orFail().lean();
        const stopVideo = 'mutation ($id: ID!) { stopVideo(id: $id) { status uploadStatus } }';
        expect(await ask({ url, key: tenant.key }, stopVideo, { id })).toMatchObject({
          data: { stopVideo: { status: 'STOPPED', uploadStatus: 'FAILED' } },
        });
        // The sender is not waited for: it may go on for hours.
        expect(await answer).toMatchObject({
          errors: [{ extensions: { code: 'CONFLICT', status: 'STOPPED' } }],
        });
        sending.destroy();
        await eventually(async () => (await blobNames(fixture)).length === 0);
        expect(await db.model(Job).countDocuments()).toBe(0);
        expect(await db.model(Video).findById(id).lean()).toMatchObject({ status: 'STOPPED' });
      }),
  );

  it('whose request ends in the middle of the file is not taken for the whole', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const sending = beginUpload(fixture);
      sending.end();
      expect(await answerTo(sending)).toMatchObject({ errors: [{ extensions: { code: 'UPLOAD_ABORTED' } }] });
      expect(await nothingIsLeft(fixture)).toBe(true);
    }));

  it('that pauses for too long is given up', () =>
    withGateway({ kafka: 'silent', uploadIdleMs: 200 }, async (fixture) => {
      const sending = beginUpload(fixture);
      expect(await answerTo(sending)).toMatchObject({ errors: [{ extensions: { code: 'UPLOAD_ABORTED' } }] });
      sending.on('error', () => undefined).destroy();
      expect(await nothingIsLeft(fixture)).toBe(true);
    }));

  it('is refused when blob storage is down, and again leaves nothing', () =>
    withGateway(
      {
        wrapBlobs: (blobs) => ({
          ...blobs,
          putStream: () => Promise.reject(new Error('connect ECONNREFUSED')),
        }),
      },
      async (fixture) => {
        const { url, tenant } = fixture;
        const { errors } = await upload({ url, key: tenant.key }, { projectId: tenant.projectId }, film);
        expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
        expect(await nothingIsLeft(fixture)).toBe(true);
      },
    ));

  it('that is running when the gateway stops may finish', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const sending = beginUpload(fixture);
      await eventually(async () => (await countVideos(fixture)) === 1);
      const closed = fixture.close();
      sending.end(END_OF_UPLOAD);
      expect((await answerTo(sending)).errors).toBeUndefined();
      await closed;
      expect(await fixture.db.model(Video).findOne().lean()).toMatchObject({ uploadStatus: 'RECEIVED' });
    }));
});
