import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Film } from '../media/transcode-film.js';
import {
  FILM,
  type FilmServer,
  makePublishedFilm,
  type ServedFilm,
  startFilmServer,
} from '../support/film-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { openPlayerBrowser, type PlayerBrowser, type PlayerName, type PlayerState } from './player-page.js';

const players: PlayerName[] = ['hls', 'shaka', 'videojs'];
const playersAndBrowser: PlayerName[] = [...players, 'native'];

let film: Film;
let server: FilmServer;
let browser: PlayerBrowser;

beforeAll(async () => {
  server = await startFilmServer();
  [film, browser] = await Promise.all([
    makePublishedFilm(temporaryFolder()),
    openPlayerBrowser(server.address),
  ]);
}, 120_000);
afterEach(() => browser.closePages());
afterAll(async () => {
  await browser?.close();
  await server?.close();
}, 120_000);

/** Video.js waits for three segments and more of what is not finished. */
const chunksToBegin: Record<PlayerName, number> = { hls: 1, shaka: 1, videojs: 3, native: 1 };

const urlOf = (served: ServedFilm): string => `http://play.test/stream/${served.token()}.m3u8`;

/** Pictures are shown up to some screen refreshes ahead of the player's time, and are shown again then: seconds. */
const SHOWN_AHEAD = 0.25;

function expectPlayedWhole({ time, errors, shownTimes }: PlayerState): void {
  expect(errors.filter(({ fatal }) => fatal)).toEqual([]);
  expect(time).toBeCloseTo(FILM.seconds, 1);
  // An element that takes another source says 0 once, before it is where it is to go on.
  const times = shownTimes.filter((shown) => shown > 0);
  const steps = times.slice(1).map((shown, index) => shown - (times[index] ?? 0));
  expect(Math.min(...steps)).toBeGreaterThan(-SHOWN_AHEAD);
}

const otherHeight = ({ height }: PlayerState): number => FILM.heights.find((one) => one !== height) ?? NaN;

describe.each(['hls', 'shaka'] as const)('%s', (name) => {
  it('finds the thumbnails, and shows another rendition at once', async () => {
    const player = await browser.openPlayer(name);
    await player.play(urlOf(server.publish(film)), 1);
    const storyboard = (await player.storyboard()).replace('http://play.test', server.address);
    expect(await (await fetch(storyboard)).text()).toMatch(/^WEBVTT\n\n00:00:00.000 --> /);
    const other = otherHeight(await player.state());
    await player.switchTo(other);
    expect((await player.state()).height).toBe(other);
  }, 120_000);
});

describe('hls', () => {
  it('tells the stream log how it goes', async () => {
    const served = server.publish(film, 1);
    const player = await browser.openPlayer('hls');
    await player.play(urlOf(served), 2);
    await player.playDry();
    expect(await player.report(840)).toBe(204);
    served.finish();
    await player.playToEnd();
    const sessions = server.sessions.changed().filter(({ videoId }) => videoId === served.videoId);
    expect(sessions).toMatchObject([{ streamType: 'v', report: { startupMs: 840 } }]);
    // It was told with the first request after that.
    expect(sessions[0]?.starvations).toBeGreaterThan(0);
    expect(sessions[0]?.requestedKbps).toBeGreaterThan(0);
  }, 120_000);
});

describe('videojs', () => {
  it('shows another rendition from where it had not loaded yet', async () => {
    const served = server.publish(film, chunksToBegin.videojs);
    const player = await browser.openPlayer('videojs');
    await player.play(urlOf(served), 2);
    const other = otherHeight(await player.state());
    await player.choose(other);
    served.finish();
    expect(await player.playToEnd()).toMatchObject({ height: other, errors: [] });
  }, 120_000);
});

describe.each(players)('%s', (name) => {
  it('plays, seeks to the picture, and plays on', async () => {
    const player = await browser.openPlayer(name);
    await player.play(urlOf(server.publish(film)), 2);
    for (const picture of [112, 7]) {
      // In the middle of the time for which it is shown.
      expect(await player.seek((picture + 0.5) / FILM.fps)).toBe(picture);
    }
    const { time, errors } = await player.playToEnd();
    expect(time).toBeCloseTo(FILM.seconds, 1);
    expect(errors.filter(({ fatal }) => fatal)).toEqual([]);
  }, 120_000);

  it('plays a film that grows, from its start to its end', async () => {
    const served = server.publish(film, chunksToBegin[name]);
    const player = await browser.openPlayer(name);
    await player.play(urlOf(served), 4);
    expect((await player.state()).shownTimes[0]).toBeLessThan(1);
    served.finish();
    expectPlayedWhole(await player.playToEnd());
  }, 120_000);

  it('goes on where it was with a fresh URL, when the first one has expired', async () => {
    const served = server.publish(film);
    const player = await browser.openPlayer(name);
    const renewed: string[] = [];
    await player.renewWith(() => {
      const url = urlOf(served);
      renewed.push(url);
      return url;
    });
    server.expireAt('/s00004');
    await player.play(urlOf(served), 4);
    const end = await player.playToEnd();
    expect(renewed).toHaveLength(1);
    expectPlayedWhole({ ...end, errors: end.errors.filter(isNotRefusal) });
  }, 120_000);
});

describe.each(playersAndBrowser)('%s', (name) => {
  it('gives up where fresh URLs are refused too', async () => {
    const served = server.publish(film);
    const player = await browser.openPlayer(name);
    const url = urlOf(served);
    const renewed: string[] = [];
    await player.renewWith(() => {
      renewed.push(url);
      return url;
    });
    server.expireAt('/s00004');
    await player.play(url, 4);
    expect(await player.failure()).toMatch(/^Fresh URLs are refused too|1001/);
    expect(renewed.length).toBeLessThanOrEqual(2);
  }, 120_000);
});

/** What a player says of the 403 itself. */
const isNotRefusal = ({ details }: PlayerState['errors'][number]): boolean =>
  !/^(fragLoadError|levelLoadError|1001 403)/.test(details);

/** Opens an embed page, or a page around one; the violations of its policy, and what its scripts threw. */
async function openEmbed(url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.openPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (line) => {
    if (/Content Security Policy/i.test(line.text())) complaints.push(line.text());
  });
  await page.goto(url);
  return { page, complaints };
}

const embedUrl = (served: ServedFilm, query = ''): string =>
  `http://play.test/embed/${served.videoId}${query}`;

/** Resolves once `holds`, which knows the `video`; the page's policy allows no polling by text. */
const untilVideo = (page: Page, holds: string): Promise<void> =>
  page.evaluate<void>(`new Promise((resolve) => {
    const video = document.querySelector('video');
    const look = () => (${holds}) && resolve();
    for (const event of ['seeked', 'timeupdate', 'ended']) video.addEventListener(event, look);
    look();
  })`);

describe('the embed page', () => {
  it('plays on another site, tells the page around it, and goes on with the URL that one brings', async () => {
    const served = server.publish(film);
    const src = embedUrl(served, `?token=${served.token()}&autoplay=1&start=3`);
    server.expireAt('/s00004');
    const page = await browser.openPage();
    await page.exposeFunction('freshUrl', () => urlOf(served));
    const complaints: string[] = [];
    page.on('console', (line) => complaints.push(line.text()));
    await page.goto(`${browser.origin}/frame.html#${encodeURIComponent(src)}`);
    await page.waitForFunction('messages.some(({ type }) => type === "stream-plus:ended")');
    const messages = await page.evaluate<Record<string, unknown>[]>('messages');
    const told = (event: string) => messages.filter(({ type }) => type === `stream-plus:${event}`);
    expect(told('ready')).toEqual([
      {
        ...{ type: 'stream-plus:ready', origin: 'http://play.test', videoId: served.videoId },
        durationSeconds: expect.closeTo(FILM.seconds, 1) as unknown,
      },
    ]);
    expect(told('play').length).toBeGreaterThan(0);
    expect(told('expired')).toHaveLength(1);
    expect(told('ended')).toMatchObject([{ timeSeconds: expect.closeTo(FILM.seconds, 1) as unknown }]);
    expect(told('error')).toEqual([]);
    expect(complaints.filter((line) => /Content Security Policy/i.test(line))).toEqual([]);
  }, 120_000);

  it('plays a public video from where it is told to, by keys, and renews by itself', async () => {
    const served = server.publish(film);
    server.publicVideos.add(served.videoId);
    const { page, complaints } = await openEmbed('about:blank');
    await page.route(`http://play.test/stream/${served.videoId}.m3u8`, async (route) =>
      route.fulfill({
        response: await route.fetch({ url: urlOf(served).replace('http://play.test', server.address) }),
      }),
    );
    server.expireAt('/s00004');
    await page.goto(embedUrl(served, '?start=3'));
    expect(await page.title()).toBe('A film');
    await untilVideo(page, 'video.currentTime === 3 && video.readyState > 2');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await untilVideo(page, 'video.ended');
    expect(await page.evaluate('document.querySelector("video").played.start(0)')).toBeGreaterThanOrEqual(3);
    expect(server.requestsOf('/s00004')).toBeGreaterThan(1);
    expect(complaints).toEqual([]);
  }, 120_000);

  it('tells its viewer that the link has expired', async () => {
    const served = server.publish(film);
    server.expireAt('/s00004');
    const { page } = await openEmbed(embedUrl(served, `?token=${served.token()}&autoplay=1`));
    const notice = page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.textContent()).toContain('The link to this video has expired.');
  }, 120_000);

  it('tells its viewer that it cannot load the video, and tries again when asked to', async () => {
    const served = server.publish(film);
    const taken = server.takeAway(served, '/media.m3u8');
    const { page, complaints } = await openEmbed(embedUrl(served, `?token=${served.token()}&autoplay=1`));
    const notice = page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.textContent()).toContain('The video could not be loaded.');
    taken.bringBack();
    await page.getByRole('button', { name: 'Try again' }).click();
    await untilVideo(page, 'video.ended');
    expect(await notice.isHidden()).toBe(true);
    expect(complaints).toEqual([]);
  }, 120_000);

  it('plays without hls.js where the browser can', async () => {
    const served = server.publish(film);
    const page = await browser.openPage();
    await page.addInitScript('delete window.MediaSource; delete window.ManagedMediaSource;');
    await page.goto(embedUrl(served, `?token=${served.token()}&autoplay=1&start=4`));
    await untilVideo(page, 'video.ended');
    expect(await page.evaluate('document.querySelector("video").src')).toMatch(/^http:.*m3u8$/);
  }, 120_000);
});
