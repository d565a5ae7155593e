import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retryUntil } from '../../../local/retry-until.js';
import { Job } from '../../../schema/job.js';
import { makeFilm, makeSlowFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import {
  fetchFile,
  playedCaptions,
  playedStills,
  playedTags,
  playGrowing,
  probeFilm,
  readMaster,
  readMedia,
} from '../../support/platform-playback.js';
import type { Service } from '../../support/platform-service.js';
import { readStoryboard } from '../../support/platform-storyboard.js';
import { orderProblems } from '../../support/platform-progress.js';

const SECONDS = 12;
const FRAMES = 300;
/** AAC packets of 1024 samples that cover the film. */
const PACKETS = Math.ceil((SECONDS * 48_000) / 1024);
const allFrames = Array.from({ length: FRAMES }, (_, n) => n);

let platform: Platform;
let processor: Service;
let film: string;
let videoId: string;

beforeAll(async () => {
  platform = await startPlatform();
  film = await makeFilm(platform.dataDir, { name: 'film', seconds: SECONDS, size: '640x360' });
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

const playback = async () => {
  const found = await platform.client.playback(videoId);
  if (!found) throw new Error('the video is not playable');
  return found;
};

/** Opens the master as this viewer; resolves to the URL of a segment. */
async function beginToWatch(userId: string): Promise<string> {
  const text =
    'query ($id: ID!, $viewer: PlaybackViewerInput) { video(id: $id) { playback(viewer: $viewer) { url } } }';
  const { video } = await platform.client.query<{ video: { playback: { url: string } } }>(text, {
    ...{ id: videoId, viewer: { userId } },
  });
  const { variants } = await readMaster(video.playback.url);
  const { segments } = await readMedia(variants[0]?.url ?? '');
  return segments[0]?.url ?? '';
}

describe('an uploaded film', () => {
  it('tells how far it is, from the queue to the end', async () => {
    const { client } = platform;
    videoId = await client.upload(film);
    const following = client.follow(videoId);
    expect(await following.until(() => true)).toMatchObject({
      status: 'QUEUED',
      stage: 'QUEUED',
      percent: 0,
    });
    processor = await platform.startProcessor({
      FFMPEG_PATH: (await makeSlowFfmpeg(platform.dataDir, 4)).path,
    });

    const events = await following.completed;
    expect(orderProblems(events)).toEqual([]);
    expect(events.filter(({ status }) => status !== 'READY').map(({ playable }) => playable)).toContain(true);
    expect(events.filter(({ percent }) => percent > 0 && percent < 99).length).toBeGreaterThan(1);
    expect(events.map(({ stage }) => stage)).toEqual(
      expect.arrayContaining(['QUEUED', 'TRANSCODING', 'FINISHING', 'DONE']),
    );
    expect(events.at(-1)).toMatchObject({
      ...{ status: 'READY', stage: 'DONE', playable: true, percent: 100, playableSeconds: SECONDS },
      error: null,
      renditions: ['360p', '240p', 'Audio 1'].map((name) => ({ name, percent: 100 })),
    });
  }, 60_000);

  it('is told at once to whoever asks when it is over', async () => {
    const events = await platform.client.follow(videoId).completed;
    expect(events.map(({ status, percent }) => ({ status, percent }))).toEqual([
      { status: 'READY', percent: 100 },
    ]);
  }, 20_000);

  it('plays whole in every rendition', async () => {
    const { url } = await playback();
    const { durationSeconds, streams } = await probeFilm(url);
    expect(durationSeconds).toBeCloseTo(SECONDS, 1);
    const picture = { codec_type: 'video', packets: FRAMES };
    expect(streams).toEqual(
      expect.arrayContaining([
        { ...picture, width: 640, height: 360 },
        { ...picture, width: 426, height: 240 },
        { codec_type: 'audio', packets: PACKETS },
      ]),
    );
    const { variants } = await readMaster(url);
    expect(variants.map(({ resolution }) => resolution)).toEqual(['640x360', '426x240']);
    for (const variant of variants) {
      expect(await readMedia(variant.url)).toMatchObject({ ended: true });
      expect(await playedTags(variant.url)).toEqual(allFrames);
    }
  }, 60_000);

  it('plays for whom it was given, until that is taken back, and disturbs nobody else', async () => {
    const viewers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(beginToWatch));
    const statuses = () => Promise.all(viewers.map(async (url) => (await fetch(url)).status));
    expect(await statuses()).toEqual([200, 200, 200, 200, 200]);
    const input = { projectId: platform.client.projectId, userId: 'c' };
    const text = 'mutation ($input: RevokePlaybackInput!) { revokePlayback(input: $input) { announced } }';
    expect(await platform.client.query(text, { input })).toEqual({ revokePlayback: { announced: true } });
    // The promise of the schema.
    const signal = AbortSignal.timeout(5_000);
    await retryUntil(async () => expect(await statuses()).toEqual([200, 200, 403, 200, 200]), {
      ...{ signal, everyMs: 50 },
    });
  }, 30_000);

  it('shows a picture of every segment, in every rendition, to whoever winds', async () => {
    const { iframes } = await readMaster((await playback()).url);
    expect(iframes.map(({ resolution }) => resolution)).toEqual(['640x360', '426x240']);
    const firstOfEach = allFrames.filter((n) => n % (FRAMES / (SECONDS / 2)) === 0);
    for (const { url } of iframes) expect(await playedStills(url)).toEqual(firstOfEach);
  }, 30_000);

  it('tells a player that has only the URL which video it is, and where its pictures are', async () => {
    const { url } = await playback();
    const { sessionData } = await readMaster(url);
    expect(sessionData.get('stream-plus.video')).toBe(videoId);
    const urlOf = (name: string) => new URL(sessionData.get(`stream-plus.${name}`) ?? '', url).href;
    expect((await fetchFile(urlOf('poster'))).type).toBe('image/jpeg');
    expect(await readStoryboard(urlOf('storyboard'))).toHaveLength(SECONDS / 2);
  }, 30_000);

  it('has a poster, and a thumbnail for every moment', async () => {
    const { posterUrl, storyboardUrl } = await playback();
    const { type } = await fetchFile(posterUrl ?? '');
    expect(type).toBe('image/jpeg');
    expect(await imageSize(posterUrl ?? '')).toEqual({ width: 640, height: 360 });

    const cues = await readStoryboard(storyboardUrl ?? '');
    expect(cues.map(({ start, end }) => [start, end])).toEqual(
      Array.from({ length: SECONDS / 2 }, (_, n) => [2 * n, 2 * n + 2]),
    );
    for (const { sheetUrl, area } of cues) {
      expect((await fetchFile(sheetUrl)).type).toBe('image/jpeg');
      const sheet = await imageSize(sheetUrl);
      expect(area.x + area.width).toBeLessThanOrEqual(sheet.width);
      expect(area.y + area.height).toBeLessThanOrEqual(sheet.height);
    }
  }, 30_000);
});

const german =
  '1\n00:00:01,000 --> 00:00:02,500\n{\\an8}Guten Tag\n\n2\n00:00:11,000 --> 00:01:00,000\nEnde\n';
const english = 'WEBVTT\n\n00:03.000 --> 00:04.000\n<b>Hello</b>\n';

/** The captions that the master playlist lists, once they are in these languages. */
const listedCaptions = (languages: string[]) =>
  retryUntil(
    async () => {
      const { captions } = await readMaster((await playback()).url);
      expect(captions.map(({ language }) => language)).toEqual(languages);
      return captions;
    },
    { signal: AbortSignal.timeout(20_000), everyMs: 100 },
  );

const captionStatuses = async () => {
  const text = 'query ($id: ID!) { video(id: $id) { status captions { language status } } }';
  type Found = { video: { status: string; captions: { language: string; status: string }[] } };
  return (await platform.client.query<Found>(text, { id: videoId })).video;
};

describe('a finished film', () => {
  it('gets captions, each to be chosen by its language, and loses them', async () => {
    const { client } = platform;
    await Promise.all([
      client.addCaptions(videoId, 'de', german),
      listedCaptions(['de']).then(() => client.addCaptions(videoId, 'en', english)),
    ]);
    const [de, en] = await listedCaptions(['de', 'en']);
    expect([de?.name, en?.name]).toEqual(['German', 'English']);
    expect(await playedCaptions(de?.url ?? '')).toBe(
      'WEBVTT\n\n00:01.000 --> 00:02.500\nGuten Tag\n\n00:11.000 --> 00:12.000\nEnde\n',
    );
    expect(await playedCaptions(en?.url ?? '')).toContain('00:03.000 --> 00:04.000\n<b>Hello</b>');
    const { segments, type, ended } = await readMedia(en?.url ?? '');
    expect({ type, ended, lengths: segments.map(({ seconds }) => seconds) }).toEqual({
      ...{ type: 'VOD', ended: true, lengths: [SECONDS] },
    });
    expect((await fetchFile(segments[0]?.url ?? '')).type).toBe('text/vtt; charset=utf-8');

    await client.query('mutation ($id: ID!) { removeCaptions(videoId: $id, language: "de") { id } }', {
      id: videoId,
    });
    await listedCaptions(['en']);
    expect((await readMaster((await playback()).url)).iframes).toHaveLength(2);
    await retryUntil(
      async () =>
        expect(await captionStatuses()).toEqual({
          status: 'READY',
          captions: [{ language: 'en', status: 'PUBLISHED' }],
        }),
      { signal: AbortSignal.timeout(20_000), everyMs: 100 },
    );
  }, 60_000);
});

describe('a film that is still being made', () => {
  it('plays from its first picture to its last, each once', async () => {
    const { client } = platform;
    videoId = await client.upload(film);
    const following = client.follow(videoId);
    const { status } = await following.until(({ playable }) => playable);
    // Nothing grows until the player has begun.
    processor.signal('SIGSTOP');
    expect(status).toBe('PROCESSING');
    await client.addCaptions(videoId, 'de', german);
    const { url } = await playback();
    for (const variant of (await readMaster(url)).variants) {
      expect(await readMedia(variant.url)).toMatchObject({ type: 'EVENT', ended: false });
    }
    expect((await readMaster(url)).iframes).toEqual([]);
    const player = playGrowing(url, AbortSignal.timeout(50_000));
    await player.started;
    processor.signal('SIGCONT');
    expect(await player.tags).toEqual(allFrames);
    expect((await following.completed).at(-1)).toMatchObject({ status: 'READY' });
    // Those that were there in time came with the end of the film.
    expect(await captionStatuses()).toMatchObject({ captions: [{ language: 'de', status: 'PUBLISHED' }] });
    await listedCaptions(['de']);
    expect(await platform.db.model(Job).countDocuments({ videoId, kind: 'CAPTIONS' })).toBe(0);
  }, 60_000);
});

async function imageSize(url: string): Promise<{ width: number; height: number }> {
  const { streams } = await probeFilm(url);
  const { codec_type, width = 0, height = 0 } = streams[0] ?? {};
  expect(codec_type).toBe('video');
  return { width, height };
}
