import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { repoRoot } from '../../local/repo-root.js';

export interface PlayerState {
  /** What the player complains of; with the status of an answer that it was, hls.js. */
  errors: { details: string; fatal: boolean; reason?: string; status?: number }[];
  /** Seconds. */
  time: number;
  /** Of the picture that is shown, pixels. */
  height: number;
  /** Start and end of every buffered range, seconds. */
  buffered: [number, number][];
  /** Of the pictures that were shown, seconds. */
  shownTimes: number[];
}

/** What captions there are, and the cues of those that are shown, in seconds. */
export interface ShownCaptions {
  tracks: { name: string; lang: string }[];
  cues: { startTime: number; endTime: number; text: string }[];
}

/** The players that there is a page for, `<name>.html`. */
export type PlayerName = 'hls' | 'shaka' | 'videojs' | 'native';

/** A player in a real browser; each method resolves when the player has done it. */
export interface Player {
  /** Begins at the start. */
  play(url: string, rate: number): Promise<void>;
  /** Pauses at a time, seconds; resolves to the number of the picture shown there. */
  seek(seconds: number): Promise<number>;
  /** Loads on in another rendition, named by its height in pixels. */
  choose(height: number): Promise<void>;
  /** Plays on in another rendition, named by its height in pixels. */
  switchTo(height: number): Promise<void>;
  /** Shows the captions of a language; hls.js. */
  showCaptions(language: string): Promise<ShownCaptions>;
  playToEnd(): Promise<PlayerState>;
  /** Plays until there is nothing left to play. */
  playDry(): Promise<void>;
  /** Where the master says that thumbnails are; hls.js and Shaka Player. */
  storyboard(): Promise<string>;
  /** Tells the streamer how long it took to start, milliseconds; hls.js. Resolves to the status of the answer. */
  report(startupMs: number): Promise<number>;
  /** Goes on with what `freshUrl` brings where a URL has expired. */
  renewWith(freshUrl: () => string): Promise<void>;
  /** Resolves with what has kept it from that. */
  failure(): Promise<string>;
  state(): Promise<PlayerState>;
}

export interface PlayerBrowser {
  openPlayer(name: PlayerName): Promise<Player>;
  /** Another page. */
  openPage(): Promise<Page>;
  /** Where the pages come from. */
  origin: string;
  /** Closes all pages: a player looks around even when it has played. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/** What hls.js says where a machine is busy: nothing was there to show, or to draw or to load it took too long. */
const slowness = /^(bufferStalledError|bufferNudgeOnStall|\w+LoadTimeOut)$/;
/** With 503: a segment took longer to make than a playlist is waited for. It asks again. */
const waiting = /^(level|audioTrack)LoadError$/;

/** What hls.js complains of for another reason than that it has to wait, or that it was told to do something else. */
export const mistakesIn = ({ errors }: Pick<PlayerState, 'errors'>): PlayerState['errors'] =>
  errors.filter(({ details, fatal, status }) => {
    const isWaiting = status === 503 && waiting.test(details);
    return fatal || !(isWaiting || slowness.test(details) || details === 'aborted');
  });

/** Films in tests last seconds; on a busy machine what shows them may come seldom. */
const GIVE_UP_MS = 60_000;

/** The software that draws here takes as long as there are pixels; players want no more than this. */
const viewport = { width: 480, height: 270 };

const quietFlags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

const SCRIPT = 'text/javascript';
const pages = ['hls', 'shaka', 'videojs', 'native', 'frame'].map((name) => [
  `/${name}.html`,
  { file: `test/browser/${name}.html`, type: 'text/html' },
]);
const files: Record<string, { file: string; type: string }> = {
  ...(Object.fromEntries(pages) as object),
  '/player.js': { file: 'test/browser/player.js', type: SCRIPT },
  '/renew.js': { file: 'player/renew.js', type: SCRIPT },
  '/hls.js': { file: 'node_modules/hls.js/dist/hls.min.js', type: SCRIPT },
  '/shaka.js': { file: 'node_modules/shaka-player/dist/shaka-player.compiled.js', type: SCRIPT },
  '/videojs.js': { file: 'node_modules/video.js/dist/video.min.js', type: SCRIPT },
};

/**
 * Starts a browser, and a server for the pages that it shows.
 * @param playTest where `http://play.test` is
 */
export async function openPlayerBrowser(playTest?: string): Promise<PlayerBrowser> {
  const server = createServer((request, response) => {
    const found = files[request.url ?? ''];
    if (!found) return void response.writeHead(404).end();
    void readFile(path.join(repoRoot(), found.file)).then((body) =>
      response.writeHead(200, { 'content-type': found.type }).end(body),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const names = playTest ? [`--host-resolver-rules=MAP play.test ${new URL(playTest).host}`] : [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    headless: true,
    args: [...quietFlags, ...names],
  });
  return {
    origin,
    openPage: () => browser.newPage({ viewport }),
    async openPlayer(name) {
      const page = await browser.newPage({ viewport });
      await page.goto(`${origin}/${name}.html`);
      return playerOn(page);
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @throws Error with the player's state, where it gets stuck */
function playerOn(page: Page): Player {
  const evaluate = <T>(method: keyof Player, values: (string | number)[]): Promise<T> =>
    page.evaluate<T>(`player.${method}(${values.map((value) => JSON.stringify(value)).join()})`);

  async function call<T>(method: keyof Player, ...values: (string | number)[]): Promise<T> {
    const late = new AbortController();
    const stuck = delay(GIVE_UP_MS, undefined, { signal: late.signal }).then(async () => {
      throw new Error(`the player is stuck at ${method}: ${JSON.stringify(await evaluate('state', []))}`);
    });
    stuck.catch(() => undefined);
    return Promise.race([evaluate<T>(method, values), stuck]).finally(() => late.abort());
  }

  return {
    play: (url, rate) => call('play', url, rate),
    seek: (seconds) => call('seek', seconds),
    choose: (height) => call('choose', height),
    switchTo: (height) => call('switchTo', height),
    showCaptions: (language) => call('showCaptions', language),
    playToEnd: () => call('playToEnd'),
    playDry: () => call('playDry'),
    storyboard: () => call('storyboard'),
    report: (startupMs) => call('report', startupMs),
    async renewWith(freshUrl) {
      await page.exposeFunction('freshUrl', freshUrl);
      await page.evaluate('player.renew()');
    },
    failure: () => call('failure'),
    state: () => call('state'),
  };
}
