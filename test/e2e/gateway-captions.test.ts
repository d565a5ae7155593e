import { describe, expect, it } from '@jest/globals';
import { createCaptionsJobs } from '../../platform/captions/captions-jobs.js';
import { createJobQueue } from '../../platform/job-queue.js';
import { createCaptionsState } from '../../processor/publish/captions-state.js';
import { BlobRemoval } from '../../schema/blob-removal.js';
import { captionsKey, captionsPrefix } from '../../schema/blob-paths.js';
import { Job } from '../../schema/job.js';
import { Video } from '../../schema/video.js';
import { ask, askWithFile, type GraphqlAnswer } from './gateway-client.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { storeVideo } from './gateway-videos.js';

const subRip = '1\n00:00:01,000 --> 00:00:02,000\n{\\an8}Guten <font color="red">Tag</font>\n';
const normalized = 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:0\nGuten Tag\n';

const addCaptions = `mutation ($input: AddCaptionsInput!, $file: Upload!) {
  addCaptions(input: $input, file: $file) { captions { language label kind isDefault status } } }`;
const removeCaptions = `mutation ($videoId: ID!, $language: String!) {
  removeCaptions(videoId: $videoId, language: $language) { captions { language status } } }`;

type Added = { addCaptions: { captions: { language: string; status: string }[] } };

const add = (
  { url, tenant }: GatewayFixture,
  input: Record<string, unknown>,
  file: string | Buffer = subRip,
): Promise<GraphqlAnswer<Added>> =>
  askWithFile<Added>({ url, key: tenant.key }, addCaptions, { input }, file);

async function blobNames({ blobs }: GatewayFixture): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of blobs.list('')) names.push(name);
  return names.sort();
}

const tracksOf = async ({ db }: GatewayFixture, videoId: string) =>
  (await db.model(Video).findById(videoId).orFail().lean()).captions?.tracks ?? [];

const jobsOf = ({ db }: GatewayFixture, videoId: string) =>
  db.model(Job).find({ videoId, kind: 'CAPTIONS' }).lean();

describe('captions', () => {
  it('are stored as WebVTT and listed, to be published when the film is finished', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, blobs, tenant } = fixture;
      const videoId = await storeVideo(db, tenant);
      const german = { videoId, language: 'ger', label: ' "Deutsch" ', isDefault: true };
      const english = { videoId, language: 'en-us', kind: 'CAPTIONS' };
      expect((await add(fixture, german)).errors).toBeUndefined();
      const { data } = await add(fixture, english, Buffer.from(`\uFEFF${normalized}`, 'utf16le'));
      expect(data?.addCaptions.captions).toEqual([
        { language: 'de', label: "'Deutsch'", kind: 'SUBTITLES', isDefault: true, status: 'PENDING' },
        {
          language: 'en-US',
          label: 'American English',
          kind: 'CAPTIONS',
          isDefault: false,
          status: 'PENDING',
        },
      ]);
      const keys = (await tracksOf(fixture, videoId)).map(({ id }) => captionsKey(videoId, id));
      expect(await blobNames(fixture)).toEqual(keys.toSorted());
      for (const key of keys) expect((await blobs.get(key))?.toString()).toBe(normalized);
      expect(await jobsOf(fixture, videoId)).toEqual([]);
    }));

  it('that are refused leave nothing, and say why', () =>
    withGateway({ kafka: 'silent', maxUploadBytes: 10 * 1024 ** 2 }, async (fixture) => {
      const { db, tenant } = fixture;
      const videoId = await storeVideo(db, tenant);
      const arriving = await storeVideo(db, tenant, { uploadStatus: 'RECEIVING' });
      const answers = [
        await add(fixture, { videoId, language: 'en' }, 'WEBVTT\n\n00:02.000 --> 00:01.000\nx'),
        await add(fixture, { videoId, language: 'en' }, ''),
        await add(fixture, { videoId, language: 'en' }, 'x'.repeat(4 * 1024 ** 2 + 1)),
        await add(fixture, { videoId, language: 'not a language' }),
        await add(fixture, { videoId, language: 'en', label: 'x'.repeat(256) }),
        await add(fixture, { videoId: arriving, language: 'en' }),
        await ask({ url: fixture.url, key: tenant.key }, removeCaptions, { videoId, language: 'en' }),
      ];
      expect(answers.map(({ errors }) => errors?.[0]?.extensions)).toEqual([
        { code: 'BAD_USER_INPUT', field: 'file', line: 3 },
        { code: 'BAD_USER_INPUT', field: 'file' },
        { code: 'UPLOAD_TOO_LARGE', limitBytes: 4 * 1024 ** 2 },
        { code: 'BAD_USER_INPUT', field: 'language' },
        { code: 'BAD_USER_INPUT', field: 'label' },
        { code: 'CONFLICT', status: 'RECEIVING' },
        { code: 'NOT_FOUND' },
      ]);
      expect(answers[0]?.errors?.[0]?.message).toBe('Line 3: The caption ends before it starts.');
      expect(await blobNames(fixture)).toEqual([]);
      expect(await tracksOf(fixture, videoId)).toEqual([]);
    }));

  it('of a finished film are published by one job, however many are added, replaced and removed', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { url, db, tenant } = fixture;
      const videoId = await storeVideo(db, tenant, { status: 'READY' });
      const first = await add(fixture, { videoId, language: 'de', isDefault: true });
      expect(first.data?.addCaptions.captions).toMatchObject([{ language: 'de', status: 'PENDING' }]);
      const [old] = await tracksOf(fixture, videoId);
      const languages = ['en', 'fr', 'de'];
      await Promise.all(
        languages.map((language) => add(fixture, { videoId, language, isDefault: language === 'de' })),
      );
      const tracks = await tracksOf(fixture, videoId);
      expect(tracks.map(({ language }) => language).sort()).toEqual(['de', 'en', 'fr']);
      expect(tracks[0]?.id).not.toBe(old?.id);
      expect(await jobsOf(fixture, videoId)).toMatchObject([{ state: 'QUEUED', generation: 1, attempt: 0 }]);

      await db.model(Job).updateOne({ videoId }, { $set: { state: 'DONE', attempt: 3 } });
      const removed = await ask({ url, key: tenant.key }, removeCaptions, { videoId, language: 'fra' });
      expect(removed.errors).toBeUndefined();
      expect(await jobsOf(fixture, videoId)).toMatchObject([{ state: 'QUEUED', attempt: 0 }]);
      const left = (await tracksOf(fixture, videoId)).map(({ id }) => id);
      expect(left).toHaveLength(2);
      expect(await blobNames(fixture)).toEqual(left.map((id) => captionsKey(videoId, id)).sort());
      const gone = [old, ...tracks].flatMap((track) => (track && !left.includes(track.id) ? [track.id] : []));
      expect((await db.model(BlobRemoval).find().lean()).map(({ _id }) => _id).sort()).toEqual(
        gone.map((id) => captionsPrefix(videoId, 1, id)).sort(),
      );
    }));

  it('that are added while the film is finished, or others are published, are never forgotten', () =>
    withGateway({ kafka: 'silent' }, async (fixture) => {
      const { db, publisher, tenant } = fixture;
      const queue = createJobQueue({ db, publisher });
      const state = createCaptionsState({ db, jobs: createCaptionsJobs({ db, queue }) });
      const videos = db.model(Video);
      const videoId = await storeVideo(db, tenant);
      const ref = { videoId, generation: 1 };
      await add(fixture, { videoId, language: 'de' });

      /** What FINISH does at its end, having published `revision`. */
      const finish = (revision: number) =>
        db.transaction(async (session) => {
          const change = { $set: { status: 'READY' as const } };
          const video = await videos
            .findByIdAndUpdate(videoId, change, { session, returnDocument: 'after' })
            .orFail()
            .lean<Video>();
          await state.settle(video, revision, session);
        });
      /** What CAPTIONS does at its end. */
      const publish = (revision: number) =>
        db.transaction(async (session) => {
          if (!(await state.published(ref, revision, session))) return;
          await db
            .model(Job)
            .updateOne({ videoId, state: 'CLAIMED' }, { $set: { state: 'DONE' } }, { session });
        });

      await Promise.all([finish(1), add(fixture, { videoId, language: 'en' })]);
      for (const language of ['fr', 'it', 'es', 'pt']) {
        const { captions } = await videos.findById(videoId).orFail().lean();
        expect(await jobsOf(fixture, videoId)).toMatchObject([{ state: 'QUEUED' }]);
        await db.model(Job).updateOne({ videoId }, { $set: { state: 'CLAIMED' } });
        await Promise.all([publish(captions?.revision ?? 0), add(fixture, { videoId, language })]);
        const [job] = await jobsOf(fixture, videoId);
        // It was at work, and is not done: it will look again. A new one will be there where it was done.
        expect(['CLAIMED', 'QUEUED']).toContain(job?.state);
        await db.model(Job).updateOne({ videoId }, { $set: { state: 'QUEUED' } });
      }
      const { captions } = await videos.findById(videoId).orFail().lean();
      expect(captions?.revision).toBe(6);

      await db.transaction((session) => state.failed(ref, session));
      const sender = { url: fixture.url, key: tenant.key };
      const { data } = await ask<{ video: Added['addCaptions'] & { status: string } }>(
        sender,
        'query ($id: ID!) { video(id: $id) { status captions { language status } } }',
        { id: videoId },
      );
      expect(data?.video.status).toBe('READY');
      expect(data?.video.captions.at(-1)).toEqual({ language: 'pt', status: 'FAILED' });
      await db.transaction((session) => state.published(ref, 6, session));
      expect((await videos.findById(videoId).orFail().lean()).captions?.publishedRevision).toBe(6);
    }));
});
