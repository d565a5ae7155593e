import { expect } from '@jest/globals';
import path from 'node:path';
import { hlsFiles } from '../../schema/blob-paths.js';
import { parseRational, toNumber } from '../../processor/plan/rational.js';
import type { CorpusSource } from './corpus.js';
import { type Decoded, decodeFilm, median, type Sheet } from './decoded.js';
import { filmProblems } from './invariants.js';
import { KEY_FRAMES_OFTEN } from './hls-rules/picture-rules.js';
import { readPublished } from './hls-rules/read-published.js';
import { violations } from './hls-rules/rules.js';
import type { Film } from './transcode-film.js';

const rateOf = (text: string): number => toNumber(parseRational(text.includes('/') ? text : `${text}/1`)!);

const spread = (values: readonly number[]): number =>
  Math.max(...values.map((value) => Math.abs(value - median(values))));

/** The sprite sheets of a film, in the order of its results. */
function sheetsOf({ plan, results, dir }: Film): (Sheet & { startFrame: number })[] {
  return results.flatMap(({ chunkIndex, attempt, sprite }) => {
    const chunk = plan.chunks[chunkIndex];
    if (!sprite || !chunk) return [];
    const file = path.join(dir, hlsFiles.sprite(chunk.startFrame / plan.segmentFrames, attempt));
    const tile = { width: sprite.tileWidth, height: sprite.tileHeight };
    return [{ file, tile, columns: sprite.columns, startFrame: chunk.startFrame }];
  });
}

/** Every segment has a thumbnail, and it shows the picture the segment starts with. */
function checkThumbnails(
  film: Film,
  { tags, shown }: { tags: readonly number[]; shown: readonly (readonly number[])[] },
): void {
  const { plan } = film;
  const expected = sheetsOf(film).map(({ columns, startFrame }) =>
    Array.from({ length: columns }, (_, n) => tags[startFrame + n * plan.segmentFrames]),
  );
  expect(shown).toEqual(expected);
  expect(shown).toHaveLength(plan.chunks.length);
}

/** Seconds by which pictures are shown after the time their number stands for. */
function checkPictures(
  { fps, interlaced, expect: wanted }: CorpusSource,
  film: Film,
  { tags: pictures, sheets = [] }: Decoded,
): number | undefined {
  if (!pictures || !fps) return undefined;
  // The lowest bit only tells one field from the other, which no deinterlacer can take for movement.
  const tagOf = (picture: number): number => (interlaced ? picture >> 1 : picture);
  const tags = pictures.map(tagOf);
  checkThumbnails(film, { tags, shown: sheets.map((shown) => shown.map(tagOf)) });
  expect(tags).toHaveLength(wanted.frameCount);
  expect(tags[0]).toBe(wanted.firstTag ?? 0);
  const moving = tags.slice(0, wanted.heldFrom);
  const steps = moving.slice(1).map((tag, index) => tag - (moving[index] ?? 0));
  if (wanted.tagStep) expect(steps.filter((step) => step !== wanted.tagStep)).toEqual([]);
  else expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
  if (wanted.heldFrom) expect(new Set(tags.slice(wanted.heldFrom)).size).toBe(1);

  const frame = 1 / rateOf(wanted.frameRate);
  const tagSeconds = (interlaced ? 2 : 1) / rateOf(fps);
  const late = moving.map((tag, n) => n * frame - tag * tagSeconds).slice(wanted.firstTag ?? 0);
  expect(spread(late)).toBeLessThanOrEqual(frame * 1.01);
  return median(late);
}

/** Seconds by which beeps are heard after their whole second. */
function checkSound({ expect: wanted }: CorpusSource, { beeps }: Decoded): number | undefined {
  if (!beeps || !wanted.beeps) return undefined;
  const [first, last] = wanted.beeps;
  const heard = beeps.filter((time) => Math.round(time) >= first);
  expect(heard.map(Math.round)).toEqual(
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  const late = heard.map((time) => time - Math.round(time));
  expect(spread(late)).toBeLessThan(0.003);
  return median(late);
}

/** Longest segments that have key frames as often as Apple would like, seconds. */
const OFTEN = 2;

/** Apple's rules, and that each key frame of an I-frame playlist is the picture its segment starts with. */
async function checkPlaylists({ plan, dir }: Film, tags: readonly number[] | undefined): Promise<void> {
  const { published, stills } = await readPublished(dir);
  // By design a segment has one key frame: ours last four seconds, unless a test makes them shorter.
  const isLong = plan.segmentFrames / toNumber(plan.frameRate) > OFTEN;
  expect(violations(published, isLong ? [KEY_FRAMES_OFTEN] : [])).toEqual([]);
  expect([...stills.keys()].sort()).toEqual(
    plan.videoTracks.map(({ name }) => hlsFiles.iframes(name)).sort(),
  );
  if (!tags) return;
  for (const still of stills.values())
    expect(still.tags).toEqual(still.segments.map((segment) => tags[segment * plan.segmentFrames]));
}

/** Everything a finished film owes its source: the plan, every rule of its files, each picture and beep. */
export async function checkFilm(source: CorpusSource, film: Film): Promise<void> {
  const { plan } = film;
  const { expect: wanted } = source;
  expect(plan.container).toMatch(wanted.container);
  expect(`${plan.frameRate.num}/${plan.frameRate.den}`).toBe(wanted.frameRate);
  expect(plan.frameCount).toBe(wanted.frameCount);
  const sizes = plan.videoTracks.map((track) => [track.name, `${track.encodedWidth}x${track.encodedHeight}`]);
  expect(Object.fromEntries(sizes)).toEqual(wanted.sizes);
  expect(plan.audioTracks).toHaveLength(wanted.audioTracks);
  expect(await filmProblems(film)).toEqual([]);

  const playlistOf = (track?: { name: string }): string | undefined =>
    track && path.join(film.dir, hlsFiles.media(track.name));
  const decoded = await decodeFilm({
    pictures: playlistOf(plan.videoTracks[0]),
    sound: wanted.beeps && playlistOf(plan.audioTracks[0]),
    sheets: sheetsOf(film),
  });
  const pictures = checkPictures(source, film, decoded);
  const sound = checkSound(source, decoded);
  await checkPlaylists(film, decoded.tags);
  if (pictures === undefined || sound === undefined) return;
  expect(Math.abs(pictures - sound)).toBeLessThanOrEqual(1 / rateOf(wanted.frameRate));
}
