import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runTool } from '../media/run-tool.js';
import { writeTaggedFrames } from '../media/tagged-frames.js';

export interface FilmRecipe {
  name: string;
  seconds: number;
  /** Frames a second. */
  fps?: number;
  /** Pixels, as FFmpeg writes them. */
  size: string;
  /** Without sound. */
  silent?: boolean;
}

/** Raw pictures, scaled to the film's size. */
const tagged = { width: 192, height: 108 };

/** A film whose pictures carry their numbers, with a tone for sound; resolves to its path. */
export async function makeFilm(dir: string, recipe: FilmRecipe): Promise<string> {
  const { name, seconds, size, fps = 25, silent = false } = recipe;
  const frames = path.join(dir, `${name}.gray`);
  const file = path.join(dir, `${name}.mp4`);
  await writeTaggedFrames(frames, seconds * fps, tagged);
  const picture = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${tagged.width}x${tagged.height}`];
  await runTool('ffmpeg', [
    ...['-v', 'error', '-y', ...picture, '-r', String(fps), '-i', frames],
    ...(silent ? [] : ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`]),
    ...['-vf', `scale=${size.replace('x', ':')}`, '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(2 * fps), '-c:a', 'aac', '-b:a', '64k'],
    ...['-movflags', '+faststart', file],
  ]);
  return file;
}

/**
 * An FFmpeg that reads its sources at `speed` times their own pace, so that there is a middle of a chunk
 * on any machine; every run appends its pid to `pids`.
 */
export async function makeSlowFfmpeg(dir: string, speed: number): Promise<{ path: string; pids: string }> {
  const program = path.join(dir, 'slow-ffmpeg');
  const pids = path.join(dir, 'slow-ffmpeg.pids');
  const script = [
    '#!/bin/sh',
    'case " $* " in',
    `*" hls "*) echo $$ >> '${pids}'; exec ffmpeg -readrate ${speed} "$@" ;;`,
    'esac',
    'exec ffmpeg "$@"',
    '',
  ];
  await writeFile(program, script.join('\n'));
  await chmod(program, 0o755);
  return { path: program, pids };
}

/** An FFmpeg that encodes nothing while the gate is closed, as it is at first. */
export interface GatedFfmpeg {
  path: string;
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function makeGatedFfmpeg(dir: string): Promise<GatedFfmpeg> {
  const program = path.join(dir, 'gated-ffmpeg');
  const gate = path.join(dir, 'gate');
  const waiting = `while [ ! -e '${gate}' ]; do sleep 0.1; done`;
  const script = ['#!/bin/sh', 'case " $* " in', `*" hls "*) ${waiting} ;;`, 'esac', 'exec ffmpeg "$@"', ''];
  await writeFile(program, script.join('\n'));
  await chmod(program, 0o755);
  return { path: program, open: () => writeFile(gate, ''), close: () => rm(gate, { force: true }) };
}
