import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retryUntil } from '../../../local/retry-until.js';
import { Job } from '../../../schema/job.js';
import { makeFilm, makeGatedFfmpeg, type GatedFfmpeg } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { storedFiles, untilJob } from '../../support/platform-jobs.js';
import { readMaster, readMedia } from '../../support/platform-playback.js';

let platform: Platform;
let gated: GatedFfmpeg;
let film: string;

beforeAll(async () => {
  platform = await startPlatform({ settings: { REPLACED_GRACE_SECONDS: '1', DELETE_GRACE_HOURS: '1' } });
  film = await makeFilm(platform.dataDir, { name: 'film', seconds: 3, size: '320x240' });
  gated = await makeGatedFfmpeg(platform.dataDir);
  await gated.open();
  await platform.startProcessor({ FFMPEG_PATH: gated.path });
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

const act = (text: string, id: string) =>
  platform.client.query<Record<string, unknown>>(`mutation ($id: ID!) { ${text} }`, { id });

/** Waits until this holds; what is promised within seconds has some more on a machine that is busy. */
const until = (holds: () => Promise<boolean>) =>
  retryUntil(
    async () => {
      if (!(await holds())) throw new Error(`never came true: ${holds.toString()}`);
    },
    { signal: AbortSignal.timeout(30_000), everyMs: 100 },
  );

async function play(url: string): Promise<void> {
  const { variants } = await readMaster(url);
  const { segments } = await readMedia(variants[0]?.url ?? '');
  for (const segment of segments) expect((await fetch(segment.url)).status).toBe(200);
  expect(segments.length).toBeGreaterThan(0);
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
const urlOf = async (videoId: string): Promise<string> =>
  (await platform.client.playback(videoId))?.url ?? '';

async function isNothingStored(videoId: string): Promise<boolean> {
  const sources: string[] = [];
  for await (const { name } of platform.uploads.list(`${videoId}/`)) sources.push(name);
  return (await storedFiles(platform, videoId)).length + sources.length === 0;
}

/** As if the time to restore it were over. */
const expire = (videoId: string) =>
  platform.db.connection
    .collection('deletedVideos')
    .updateOne({ _id: videoId as never }, { $set: { purgeAt: new Date() } });

describe('the life of a video', () => {
  it('goes on playing while it is made anew, is withdrawn, comes back, and goes without a trace', async () => {
    const { client, db } = platform;
    const videoId = await client.upload(film);
    await client.follow(videoId).completed;
    const first = await urlOf(videoId);
    await play(first);

    await gated.close();
    await act('reprocessVideo(id: $id) { generation }', videoId);
    await untilJob(platform, { videoId, generation: 2, kind: 'CHUNK', state: 'CLAIMED' });
    await play(await urlOf(videoId));
    await gated.open();
    const events = await client.follow(videoId).completed;
    expect(events.at(-1)).toMatchObject({ generation: 2, status: 'READY', playable: true });
    await until(async () => (await statusOf(first)) === 404);
    const second = await urlOf(videoId);
    await play(second);
    expect((await storedFiles(platform, videoId)).filter((name) => name.startsWith(`${videoId}/1/`))).toEqual(
      [],
    );

    await act('deleteVideo(id: $id)', videoId);
    await until(async () => (await statusOf(second)) === 404);
    expect(await storedFiles(platform, videoId)).toContain(`${videoId}/2/master.m3u8`);
    await act('restoreVideo(id: $id) { status }', videoId);
    await until(async () => (await statusOf(second)) === 200);
    await play(second);

    await act('deleteVideo(id: $id)', videoId);
    await expire(videoId);
    await until(() => isNothingStored(videoId));
    await until(async () => (await statusOf(second)) === 404);
    expect(await db.model(Job).countDocuments({ videoId })).toBe(0);
  }, 120_000);

  it('ends in the middle of its making, and leaves nothing either', async () => {
    const { client, db } = platform;
    await gated.close();
    const videoId = await client.upload(film);
    const watching = client.follow(videoId);
    await untilJob(platform, { videoId, kind: 'CHUNK', state: 'CLAIMED' });
    await act('deleteVideo(id: $id)', videoId);
    expect((await watching.completed).at(-1)).toMatchObject({ status: 'STOPPED', stage: 'DONE' });
    await gated.open();
    await expire(videoId);
    await until(() => isNothingStored(videoId));
    expect(await db.model(Job).countDocuments({ videoId })).toBe(0);
  }, 60_000);
});
