import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { makeFilm } from '../../support/platform-film.js';
import { fetchFile, playedTags, probeTrack, readMaster, readMedia } from '../../support/platform-playback.js';
import { orderProblems } from '../../support/platform-progress.js';

const SECONDS = 12;
const FRAMES = 300;

let platform: Platform;
let film: string;

beforeAll(async () => {
  platform = await startPlatform();
  [film] = await Promise.all([
    makeFilm(platform.dataDir, { name: 'film', seconds: SECONDS, size: '640x360' }),
    platform.startProcessor(),
  ]);
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

describe('an uploaded film', () => {
  it('tells how far it is until it is ready, and plays whole in every rendition', async () => {
    const { client } = platform;
    const videoId = await client.upload(film);
    const following = client.follow(videoId);
    const events = await following.completed;
    console.log(events.map((e) => `${e.sequence} ${e.status} ${e.stage} ${e.percent} ${e.playable} ${e.playableSeconds}`).join('\n'));
    expect(orderProblems(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ status: 'READY' });
    const url = (await client.playback(videoId))?.url ?? '';
    const master = await readMaster(url);
    console.log(master);
    for (const v of master.variants) {
      const tags = await playedTags(v.url);
      expect(tags).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
      console.log(await probeTrack(v.url, 'v'), await readMedia(v.url));
    }
    console.log(await probeTrack(master.sound[0]!, 'a'));
    await fetchFile(url);
  }, 60_000);
});
