import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFilm } from '../../support/platform-film.js';
import { startPlatform, type Platform } from '../../support/platform-fixture.js';
import { orderProblems } from '../../support/platform-progress.js';

const MANY = 20;

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
  await platform.startProcessor({ CONSUMERS_MAX: '2' });
}, 60_000);
afterAll(() => platform?.stop(), 60_000);

describe('a platform that is asked for much at once', () => {
  it('makes twenty films out of twenty uploads', async () => {
    const { client, dataDir } = platform;
    const film = await makeFilm(dataDir, { name: 'short', seconds: 2, size: '160x120' });
    const project = client.followProject();
    const videoIds = await Promise.all(Array.from({ length: MANY }, () => client.upload(film)));
    expect(new Set(videoIds).size).toBe(MANY);

    const ends = await Promise.all(
      videoIds.map((id) =>
        project.until(({ videoId, status }) => videoId === id && ['READY', 'FAILED'].includes(status)),
      ),
    );
    expect(ends.filter(({ status }) => status !== 'READY')).toEqual([]);
    const disordered = videoIds.flatMap((id) =>
      orderProblems(project.events.filter(({ videoId }) => videoId === id)),
    );
    expect(disordered).toEqual([]);
    await project.cancel();
  }, 180_000);
});

interface Refusal {
  code: string;
  make: (dataDir: string) => Promise<string>;
}

const refused: [string, Refusal][] = [
  ['noise', { code: 'UNSUPPORTED_MEDIA', make: makeNoise }],
  ['a film whose end is missing', { code: 'MEDIA_TRUNCATED', make: makeCutFilm }],
];

describe('what cannot be played', () => {
  it.each(refused)(
    '%s is refused with a reason',
    async (_, { code, make }) => {
      const { client, dataDir } = platform;
      const videoId = await client.upload(await make(dataDir));
      const events = await client.follow(videoId).completed;
      const last = events.at(-1);
      expect(last).toMatchObject({ status: 'FAILED', stage: 'DONE', error: { code, retryable: false } });
      // For people: no address, no path, none of the words of our tools.
      expect(last?.error?.message).toMatch(/^[A-Z][\w ,.:'–-]+\.$/);
      expect(last?.error?.message).not.toMatch(/ffmpeg|ffprobe|http|\/|invalid data/i);
    },
    60_000,
  );
});

/** What its first bytes show not to be a film is refused before it is a video: this shows nothing. */
async function makeNoise(dir: string): Promise<string> {
  const file = path.join(dir, 'noise.mp4');
  await writeFile(file, Buffer.alloc(1_500, 7));
  return file;
}

/** Its index is in front, so that only its pictures are missing. */
async function makeCutFilm(dir: string): Promise<string> {
  const file = await makeFilm(dir, { name: 'cut', seconds: 8, size: '320x240' });
  const { size } = await stat(file);
  await truncate(file, Math.floor(size / 2));
  return file;
}
