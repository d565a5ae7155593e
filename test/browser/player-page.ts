import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { repoRoot } from '../../local/repo-root.js';

export interface PlayerState {
  errors: { details: string; fatal: boolean; reason?: string }[];
  /** Seconds. */
  time: number;
  /** Of the picture that is shown, pixels. */
  height: number;
  /** Start and end of every buffered range, seconds. */
  buffered: [number, number][];
}

/** What captions there are, and the cues of those that are shown, in seconds. */
export interface ShownCaptions {
  tracks: { name: string; lang: string }[];
  cues: { startTime: number; endTime: number; text: string }[];
}

/** hls.js in a real browser; each method resolves when the player has done it. */
export interface Player {
  /** Begins at the start. */
  play(url: string, rate: number): Promise<void>;
  /** Pauses at a time, seconds; resolves to the number of the picture shown there. */
  seek(seconds: number): Promise<number>;
  /** Plays on in another rendition, named by its height in pixels. */
  switchTo(height: number): Promise<void>;
  /** Shows the captions of a language. */
  showCaptions(language: string): Promise<ShownCaptions>;
  playToEnd(): Promise<PlayerState>;
  state(): Promise<PlayerState>;
}

export interface PlayerBrowser {
  openPlayer(): Promise<Player>;
  close(): Promise<void>;
}

/** Films in tests last seconds. */
const GIVE_UP_MS = 30_000;

const quietFlags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

const files: Record<string, { file: string; type: string }> = {
  '/': { file: 'test/browser/player.html', type: 'text/html' },
  '/hls.js': { file: 'node_modules/hls.js/dist/hls.min.js', type: 'text/javascript' },
};

/** Starts a browser, and a server for the one page that it shows. */
export async function openPlayerBrowser(): Promise<PlayerBrowser> {
  const server = createServer((request, response) => {
    const found = files[request.url ?? ''];
    if (!found) return void response.writeHead(404).end();
    void readFile(path.join(repoRoot(), found.file)).then((body) =>
      response.writeHead(200, { 'content-type': found.type }).end(body),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    headless: true,
    args: quietFlags,
  });
  return {
    async openPlayer() {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      return playerOn(page);
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
    switchTo: (height) => call('switchTo', height),
    showCaptions: (language) => call('showCaptions', language),
    playToEnd: () => call('playToEnd'),
    state: () => call('state'),
  };
}
