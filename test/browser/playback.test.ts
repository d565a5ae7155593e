import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeFilm } from '../support/platform-film.js';
import { startPlatform, type Platform } from '../support/platform-fixture.js';
import type { Service } from '../support/platform-service.js';
import { mistakesIn, openPlayerBrowser, type PlayerBrowser, type PlayerState } from './player-page.js';

const SECONDS = 12;
const FPS = 25;

let platform: Platform;
let processor: Service;
let browser: PlayerBrowser;
let film: string;

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(), openPlayerBrowser()]);
  [processor, film] = await Promise.all([
    platform.startProcessor(),
    makeFilm(platform.dataDir, { name: 'film', seconds: SECONDS, size: '640x360' }),
  ]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await platform?.stop();
}, 60_000);

const german = '1\n00:00:01,250 --> 00:00:02,500\nGuten Tag\n\n2\n00:00:11,000 --> 00:01:00,000\nEnde\n';

const playbackUrl = async (videoId: string): Promise<string> =>
  (await platform.client.playback(videoId))?.url ?? '';

/** The whole film is buffered without a gap, and was shown to its end. */
function expectPlayedWhole({ time, buffered }: PlayerState): void {
  expect(time).toBeCloseTo(SECONDS, 1);
  expect(buffered).toHaveLength(1);
  const [start = NaN, end = NaN] = buffered[0] ?? [];
  expect(start).toBeCloseTo(0, 1);
  expect(end).toBeCloseTo(SECONDS, 1);
}

describe('hls.js in a browser', () => {
  it('plays a finished film, shows captions, seeks to the picture, and changes the rendition', async () => {
    const { client } = platform;
    const videoId = await client.upload(film);
    await client.addCaptions(videoId, 'de', german);
    await client.addCaptions(videoId, 'pt-BR', 'WEBVTT\n\n00:01.000 --> 00:02.000\nOi\n');
    await client.follow(videoId).until(({ status }) => status === 'READY');
    const player = await browser.openPlayer('hls');
    await player.play(await playbackUrl(videoId), 4);
    expect((await player.state()).height).toBe(360);

    expect(await player.showCaptions('de')).toEqual({
      tracks: [
        { name: 'German', lang: 'de' },
        { name: 'Brazilian Portuguese', lang: 'pt-BR' },
      ],
      cues: [
        { startTime: 1.25, endTime: 2.5, text: 'Guten Tag' },
        { startTime: 11, endTime: SECONDS, text: 'Ende' },
      ],
    });
    for (const picture of [212, 77]) {
      // In the middle of the time for which it is shown.
      expect(await player.seek((picture + 0.5) / FPS)).toBe(picture);
    }
    const end = await player.playToEnd();
    expect(mistakesIn(end)).toEqual([]);
    expectPlayedWhole(end);

    expect(await player.seek(0)).toBe(0);
    await player.switchTo(240);
    const changed = await player.playToEnd();
    expect(changed.height).toBe(240);
    expect(mistakesIn(changed)).toEqual([]);
  }, 60_000);

  it('plays a film that is still being made, from its start to its end', async () => {
    const { client } = platform;
    const videoId = await client.upload(film);
    const following = client.follow(videoId);
    const { status } = await following.until(({ playable }) => playable);
    processor.signal('SIGSTOP');
    expect(status).toBe('PROCESSING');
    const player = await browser.openPlayer('hls');
    await player.play(await playbackUrl(videoId), 2);
    const start = await player.state();
    expect(start.time).toBeLessThan(2);
    expect(start.buffered).toEqual([[0, expect.closeTo(2, 1)]]);

    processor.signal('SIGCONT');
    const end = await player.playToEnd();
    expect(mistakesIn(end)).toEqual([]);
    expectPlayedWhole(end);
    expect((await following.completed).at(-1)).toMatchObject({ status: 'READY' });
  }, 60_000);
});
