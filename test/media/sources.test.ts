import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkFilm } from './check-film.js';
import { corpus, longSource } from './corpus.js';
import { makeSource, missingEncoders } from './make-source.js';
import { startMediaServer, type MediaServer } from './media-server.js';
import { openTestFolder, testFfmpeg, transcodeFilm } from './transcode-film.js';

const ffmpeg = testFfmpeg();
const missing = await missingEncoders();
const makeable = corpus.filter((source) => missing(source).length === 0);
const unmakeable = corpus.filter((source) => !makeable.includes(source));
let server: MediaServer;

beforeAll(async () => {
  server = await startMediaServer();
});
afterAll(() => server.close());

describe('every source becomes a film that plays from its first to its last frame', () => {
  it.each(makeable.map((source) => [source.name, source] as const))(
    '%s',
    async (_, source) => {
      await using folder = await openTestFolder();
      const url = server.urlOf(await makeSource(source));
      // A first chunk, one in the middle, and a last one that is short.
      const lengths = { segmentSeconds: 1, chunkSeconds: 2 };
      await checkFilm(source, await transcodeFilm(ffmpeg, url, { root: folder.path, ...lengths }));
    },
    60_000,
  );
  for (const source of unmakeable)
    it.skip(`${source.name}: no ${missing(source).join(', ')} here`, () => undefined);

  it('ten minutes, in chunks of 24 seconds', async () => {
    await using folder = await openTestFolder();
    const url = server.urlOf(await makeSource(longSource));
    const lengths = { segmentSeconds: 4, chunkSeconds: 24 };
    const film = await transcodeFilm(ffmpeg, url, { root: folder.path, ...lengths });
    expect(film.plan.chunks).toHaveLength(26);
    await checkFilm(longSource, film);
  }, 180_000);
});
