import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { firstPacket, targetDuration } from '../../processor/plan/grid.js';
import { readInit, readSegment } from '../../processor/transcode/fragment.js';
import { hlsFileKind } from '../../schema/blob-paths.js';
import type { Film } from './transcode-film.js';

/** A media playlist read back from its text. */
async function readPlaylist(
  file: string,
): Promise<{ init: string; segments: { seconds: number; name: string }[] }> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  const init = /^#EXT-X-MAP:URI="(.*)"$/.exec(lines.find((line) => line.startsWith('#EXT-X-MAP')) ?? '')?.[1];
  if (!init || lines.at(-2) !== '#EXT-X-ENDLIST') throw new Error(`${file} is not a finished playlist`);
  const segments = lines.flatMap((line, index) => {
    const seconds = /^#EXTINF:([\d.]+),$/.exec(line)?.[1];
    return seconds ? [{ seconds: Number(seconds), name: lines[index + 1] ?? '' }] : [];
  });
  return { init, segments };
}

/** What breaks the rules of one track from its first segment to its last; empty if nothing does. */
export async function trackProblems({ plan, dir }: Film, name: string): Promise<string[]> {
  const video = plan.videoTracks.find((track) => track.name === name);
  const { init, segments } = await readPlaylist(path.join(dir, name, 'media.m3u8'));
  const { timescale, hasEditList, width, height } = readInit(await readFile(path.join(dir, name, init)));
  const problems: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || problems.push(`${name}: ${what}`));

  must(!hasEditList, 'edit list');
  must(!video || (width === video.encodedWidth && height === video.encodedHeight), `size ${width}x${height}`);
  const sampleTicks = video ? (timescale * plan.frameRate.den) / plan.frameRate.num : 1024;
  let samples = 0;
  for (const segment of segments) {
    const info = readSegment(await readFile(path.join(dir, name, segment.name)));
    if (!info) throw new Error(`${segment.name} is empty`);
    must(info.fragments === 1 && info.startsWithSync, `${segment.name} cannot be started from`);
    must(
      info.tfdt === samples * sampleTicks && info.minPts === info.tfdt,
      `${segment.name} starts at ${info.tfdt}`,
    );
    must(info.sampleTicks === sampleTicks, `${segment.name} has uneven samples`);
    must(
      Math.abs(segment.seconds - info.ticks / timescale) < 1e-6,
      `${segment.name} EXTINF ${segment.seconds}`,
    );
    must(Math.round(segment.seconds) <= targetDuration(plan), `${segment.name} is too long`);
    samples += info.samples;
  }
  const expected = video ? plan.frameCount : firstPacket(plan.frameCount, plan.frameRate);
  must(samples === expected, `${samples} samples, not ${expected}`);
  return problems;
}

/** Every rule that holds for any film: tracks, their init segments, the names of files. */
export async function filmProblems(film: Film): Promise<string[]> {
  const { plan, results, dir } = film;
  const names = [...plan.videoTracks, ...plan.audioTracks].map(({ name }) => name);
  const problems = (await Promise.all(names.map((name) => trackProblems(film, name)))).flat();
  for (const name of names) {
    const hashes = results.flatMap(({ tracks }) => tracks.filter((track) => track.name === name));
    const different = new Set(hashes.map(({ initSha256 }) => initSha256)).size;
    if (hashes.length !== plan.chunks.length || different !== 1) problems.push(`${name}: ${different} inits`);
  }
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const name = path.relative(dir, path.join(file.parentPath, file.name));
    if (hlsFileKind(name) === undefined) problems.push(`${name} is no name of ours`);
  }
  return problems;
}
