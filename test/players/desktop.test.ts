import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { retryUntil } from '../../local/retry-until.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import type { Film } from '../media/transcode-film.js';
import { FILM, type FilmServer, makePublishedFilm, startFilmServer } from '../support/film-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PICTURES = FILM.seconds * FILM.fps;
const LAST_SEGMENT = '/s00005';

/** Where seeking tests begin: seconds, the start of a segment. */
const START = 4;
const LEFT = PICTURES - START * FILM.fps;

let film: Film;
let server: FilmServer;
let url: string;

beforeAll(async () => {
  film = await makePublishedFilm(temporaryFolder());
}, 60_000);

beforeAll(async () => {
  server = await startFilmServer();
  url = `${server.address}/stream/${server.publish(film).token()}.m3u8`;
});
afterAll(() => server?.close());

/** How long a film of seconds may take on a busy machine. */
const TIMEOUT_MS = 60_000;

/** Runs a player to its end; its exit code, and all that it says. */
function run(program: string, args: string[], env: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; said: string }>();
  const child = spawn(program, args, {
    env: { ...process.env, LC_ALL: 'C', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => (said = (said + piece.toString()).slice(-1_000_000)));
  child.once('error', reject);
  child.once('close', (code) => resolve({ code, said }));
  return promise;
}

const TRACKS = FILM.heights.map((height) => `v${height}`);

/** Players first ask for a playlist more than once to begin; then once a second, until there is more. */
const LOOKS = 3;

/** Plays a film that grows: the rest of it comes once the player waits for it. */
async function whileItGrows<T>(play: (url: string) => Promise<T>): Promise<T> {
  const served = server.publish(film, 2);
  const lists = TRACKS.map((track) => `/${hlsFiles.media(track)}`);
  const before = lists.map((list) => server.requestsOf(list));
  const played = play(`${server.address}/stream/${served.token()}.m3u8`);
  const looked = retryUntil(
    () => {
      const isLooked = lists.some((list, n) => server.requestsOf(list) > before[n]! + LOOKS);
      return isLooked ? Promise.resolve() : Promise.reject(new Error('nobody has looked for more'));
    },
    { signal: AbortSignal.timeout(TIMEOUT_MS), everyMs: 50 },
  );
  await Promise.race([looked, played]);
  served.finish();
  return played;
}

/** Plays the lower rendition: of the other one players look at no more than its beginning. */
async function inTheLowOne<T>(play: () => Promise<T>): Promise<T> {
  const ends = TRACKS.map((track) => `/${track}${LAST_SEGMENT}`);
  const before = ends.map((end) => server.requestsOf(end));
  const played = await play();
  expect(ends.map((end, n) => server.requestsOf(end) - before[n]!)).toEqual([0, 1]);
  return played;
}

const countOf = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

describe('FFmpeg', () => {
  const decoded = async (more: string[] = [], from = ['-i', url]): Promise<number> => {
    const input = [...from, ...more, '-fps_mode', 'passthrough'];
    const { code, said } = await run('ffmpeg', ['-v', 'error', ...input, '-f', 'framemd5', '-']);
    expect(code).toBe(0);
    return countOf(said, /^0,/gm);
  };

  it(
    'decodes every picture',
    async () => {
      expect(await decoded(['-map', '0:v:0'])).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'decodes every picture of the rendition that it is told to',
    async () => {
      expect(await inTheLowOne(() => decoded(['-map', '0:v:1']))).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'decodes every picture of a film that grows',
    async () => {
      const fromTheStart = (growing: string) =>
        decoded(['-map', '0:v:0'], ['-live_start_index', '0', '-i', growing]);
      expect(await whileItGrows(fromTheStart)).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'decodes from a time on',
    async () => {
      // It takes pictures of which others are made for later by as many as are reordered.
      const pictures = await decoded(['-map', '0:v:0', '-ss', String(START)]);
      expect(pictures - LEFT).toBeGreaterThanOrEqual(0);
      expect(pictures - LEFT).toBeLessThanOrEqual(2);
    },
    TIMEOUT_MS,
  );
});

describe('mpv', () => {
  const quiet = ['--no-config', '--vo=null', '--ao=null', '--untimed'];
  const telling = '--term-status-msg=picture=${estimated-frame-number} ';

  /** Plays to the end; resolves to all that it says. */
  async function played(what: string, more: string[] = []): Promise<string> {
    const { code, said } = await run('mpv', [...quiet, telling, ...more, what]);
    expect([code, said]).toEqual([0, expect.stringContaining('(End of file)')]);
    return said;
  }

  it(
    'plays every picture',
    async () => {
      expect(await played(url)).toContain(`picture=${PICTURES} `);
    },
    TIMEOUT_MS,
  );

  it(
    'plays every picture of the rendition that it is told to',
    async () => {
      const said = await inTheLowOne(() => played(url, ['--hls-bitrate=min']));
      expect(said).toContain(`picture=${PICTURES} `);
    },
    TIMEOUT_MS,
  );

  it(
    'plays every picture of a film that grows',
    async () => {
      const fromTheStart = (growing: string) => played(growing, ['--demuxer-lavf-o=live_start_index=0']);
      // Where it had to wait it numbers pictures from zero.
      expect(await whileItGrows(fromTheStart)).toContain(`picture=${PICTURES - 1} `);
    },
    TIMEOUT_MS,
  );

  it(
    'jumps within what it has loaded, and plays on from there',
    async () => {
      const script = path.resolve(import.meta.dirname, 'mpv-seek.lua');
      const said = await played(url, ['--pause', '--cache=yes', `--script=${script}`]);
      expect(said).toContain(`arrived at ${START}.000000`);
      expect(said).toContain(`picture=${PICTURES} `);
    },
    TIMEOUT_MS,
  );
});

describe('VLC', () => {
  /** Plays, and resolves to the pictures shown: each is written to a folder. */
  async function shown(more: string[] = [], what = url): Promise<string[]> {
    const home = temporaryFolder();
    const pictures = path.join(home, 'pictures');
    mkdirSync(pictures);
    for (const folder of [home, pictures]) chmodSync(folder, 0o777);
    const scene = ['format=jpg', 'ratio=1', `path=${pictures}`].map((option) => `--scene-${option}`);
    const args = [
      '--play-and-exit',
      '--vout=dummy',
      '--aout=dummy',
      '--video-filter=scene',
      ...scene,
      ...more,
    ];
    const whole = ['cvlc', '--no-drop-late-frames', '--no-skip-frames', ...args, what];
    // It refuses to run as root.
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=nobody', '--clear-groups'] : [];
    const [program = '', ...rest] = [...asNobody, ...whole];
    const { code, said } = await run(program, rest, { HOME: home });
    expect([code, said]).toEqual([0, expect.stringContaining('end of playlist, exiting')]);
    return readdirSync(pictures).map((name) => readFileSync(path.join(pictures, name), 'latin1'));
  }

  it(
    'shows every picture',
    async () => {
      expect((await shown()).length).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'shows every picture of the rendition that it is told to',
    async () => {
      const pictures = await inTheLowOne(() => shown([`--adaptive-maxheight=${FILM.heights[1]}`]));
      expect(pictures.length).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'shows every picture of a film that grows',
    async () => {
      const pictures = await whileItGrows((growing) => shown([], growing));
      // Where it has to wait it shows a picture again.
      expect(new Set(pictures).size).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'begins where it is told to, at a key frame before it',
    async () => {
      const pictures = (await shown([`--start-time=${START}`])).length;
      expect(pictures).toBeGreaterThanOrEqual(LEFT);
      expect(pictures).toBeLessThan(LEFT + FILM.fps);
    },
    TIMEOUT_MS,
  );
});

describe('GStreamer', () => {
  async function decoded(what: string, more: string[] = []): Promise<number> {
    const sinks = ['video-sink=fakesink silent=false sync=false', 'audio-sink=fakesink sync=false'];
    const { code, said } = await run('gst-launch-1.0', ['-v', 'playbin', `uri=${what}`, ...more, ...sinks]);
    expect(code).toBe(0);
    return countOf(said, /fakesink0: last-message = chain /g);
  }

  it(
    'decodes every picture',
    async () => {
      expect(await decoded(url)).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'decodes every picture of the rendition that there is time for',
    async () => {
      expect(await inTheLowOne(() => decoded(url, ['connection-speed=1']))).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'decodes every picture of a film that grows',
    async () => {
      // It may stand still where it changes the rendition meanwhile.
      const inOneRendition = (growing: string) => decoded(growing, ['connection-speed=1']);
      expect(await whileItGrows(inOneRendition)).toBe(PICTURES);
    },
    TIMEOUT_MS,
  );

  it(
    'begins where it is told to',
    async () => {
      const late = server.requestsOf(LAST_SEGMENT);
      // By the clock, so that it tells where it is in between.
      const sinks = ['--videosink=fakesink sync=true', '--audiosink=fakesink sync=true'];
      const { code, said } = await run('gst-play-1.0', [`--start-position=${START}`, ...sinks, url]);
      expect([code, said]).toEqual([0, expect.stringContaining('Reached end of play list')]);
      const told = [...said.matchAll(/0:00:0([\d.]+) \/ 0:00:0/g)].map(([, position]) => Number(position));
      expect(told.at(-1)).toBe(FILM.seconds);
      expect(told.filter((position) => position > 0.5 && position < START - 0.1)).toEqual([]);
      expect(told.filter((position) => position > START && position < FILM.seconds)).not.toEqual([]);
      expect(server.requestsOf(LAST_SEGMENT)).toBeGreaterThan(late);
    },
    TIMEOUT_MS,
  );
});
