import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { toNumber } from '../../processor/plan/rational.js';
import { corpus, type CorpusSource } from './corpus.js';
import { decodeBeeps, decodeTags, median } from './decoded.js';
import { filmProblems } from './invariants.js';
import { makeSource } from './make-source.js';
import { startMediaServer, type MediaServer } from './media-server.js';
import { parseRational } from '../../processor/plan/rational.js';
import { testFfmpeg, transcodeFilm, type Film } from './transcode-film.js';

const ffmpeg = testFfmpeg();
let server: MediaServer;

beforeAll(async () => {
  server = await startMediaServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const rateOf = (text: string): number => toNumber(parseRational(text.includes('/') ? text : `${text}/1`)!);

/** Seconds by which pictures are shown after the time their number stands for. */
async function checkPictures(
  { fps, interlaced, expect: wanted }: CorpusSource,
  film: Film,
): Promise<number | undefined> {
  const [track] = film.plan.videoTracks;
  if (!track || !fps) return undefined;
  const pictures = await decodeTags(path.join(film.dir, track.name, 'media.m3u8'));
  // The lowest bit only tells one field from the other, which no deinterlacer can take for movement.
  const tags = interlaced ? pictures.map((tag) => tag >> 1) : pictures;
  expect(tags).toHaveLength(wanted.frameCount);
  expect(tags[0]).toBe(wanted.firstTag ?? 0);
  const moving = tags.slice(0, wanted.heldFrom);
  const steps = moving.slice(1).map((tag, index) => tag - (moving[index] ?? 0));
  if (wanted.tagStep) expect(steps.filter((step) => step !== wanted.tagStep)).toEqual([]);
  else expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
  if (wanted.heldFrom) expect(new Set(tags.slice(wanted.heldFrom)).size).toBe(1);

  const frame = 1 / rateOf(wanted.frameRate);
  const late = moving
    .map((tag, n) => n * frame - tag / (rateOf(fps) / (interlaced ? 2 : 1)))
    .slice(wanted.firstTag ?? 0);
  expect(Math.max(...late.map((seconds) => Math.abs(seconds - median(late))))).toBeLessThanOrEqual(
    frame * 1.01,
  );
  return median(late);
}

async function checkSound({ expect: wanted }: CorpusSource, film: Film): Promise<number | undefined> {
  const [track] = film.plan.audioTracks;
  if (!track || !wanted.beeps) return undefined;
  const { beeps } = await decodeBeeps(path.join(film.dir, track.name, 'media.m3u8'));
  const [first, last] = wanted.beeps;
  const late = beeps.map((time) => time - Math.round(time));
  const heard = beeps.map(Math.round).filter((second) => second >= first);
  expect(heard).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index));
  const inside = late.slice(beeps.length - heard.length);
  expect(Math.max(...inside.map((seconds) => Math.abs(seconds - median(inside))))).toBeLessThan(0.003);
  return median(inside);
}

describe('every source becomes a film that plays from its first to its last frame', () => {
  it.each(corpus.map((source) => [source.name, source] as const))(
    '%s',
    async (_, source) => {
      const film = await transcodeFilm(ffmpeg, server.urlOf(await makeSource(source)));
      const { plan } = film;
      const { expect: wanted } = source;
      expect(plan.container).toMatch(wanted.container);
      expect(`${plan.frameRate.num}/${plan.frameRate.den}`).toBe(wanted.frameRate);
      expect(plan.frameCount).toBe(wanted.frameCount);
      const sizes = plan.videoTracks.map((track) => [
        track.name,
        `${track.encodedWidth}x${track.encodedHeight}`,
      ]);
      expect(Object.fromEntries(sizes)).toEqual(wanted.sizes);
      expect(plan.audioTracks).toHaveLength(wanted.audioTracks);
      expect(await filmProblems(film)).toEqual([]);

      const pictures = await checkPictures(source, film);
      const sound = await checkSound(source, film);
      if (pictures !== undefined && sound !== undefined) {
        expect(Math.abs(pictures - sound)).toBeLessThanOrEqual(1 / rateOf(wanted.frameRate));
      }
      await rm(path.dirname(film.dir), { recursive: true });
    },
    60_000,
  );
});
