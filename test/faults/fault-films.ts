import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFilm } from '../support/platform-film.js';
import { FRAMES_PER_SECOND, scale, secondsFor } from './scale.js';

const SIZE = '160x90';

export interface FaultFilm {
  file: string;
  seconds: number;
  frames: number;
  /** PLAN, its chunks, FINISH. */
  jobs: number;
}

/** A film of so many chunks. */
export async function makeFaultFilm(dir: string, chunks: number, silent: boolean): Promise<FaultFilm> {
  const seconds = secondsFor(chunks);
  const name = `${chunks}-chunks${silent ? '-silent' : ''}`;
  const file = await makeFilm(dir, { name, seconds, fps: FRAMES_PER_SECOND, size: SIZE, silent });
  return { file, seconds, frames: seconds * FRAMES_PER_SECOND, jobs: chunks + 2 };
}

/** The films of one fault: the first with sound, the others without, to spare the time. */
export async function makeFaultFilms(dir: string): Promise<FaultFilm[]> {
  const [first, other] = await Promise.all([
    makeFaultFilm(dir, scale.chunks, false),
    makeFaultFilm(dir, scale.chunks, true),
  ]);
  return [first, ...Array.from({ length: scale.films - 1 }, () => other)];
}

/**
 * An FFmpeg that encodes as fast as it can, or, while it is told to be slow, at less than half of the film's pace: a
 * chunk that is half made stays so for seconds, on a busy machine too.
 */
export interface BrakedFfmpeg {
  path: string;
  slow(): Promise<void>;
  fast(): Promise<void>;
}

export async function makeBrakedFfmpeg(dir: string): Promise<BrakedFfmpeg> {
  const program = path.join(dir, 'braked-ffmpeg');
  const brake = path.join(dir, 'brake');
  const script = [
    '#!/bin/sh',
    'case " $* " in',
    `*" hls "*) [ -e '${brake}' ] && exec ffmpeg -readrate 0.4 "$@" ;;`,
    'esac',
    'exec ffmpeg "$@"',
    '',
  ];
  await writeFile(program, script.join('\n'));
  await chmod(program, 0o755);
  return {
    path: program,
    slow: () => writeFile(brake, ''),
    fast: () => rm(brake, { force: true }),
  };
}
