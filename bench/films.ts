import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOOP_SECONDS = 60;

/** Moving picture with grain, so that it costs about what a camera's film costs; sound that never repeats. */
const source = [
  ...['-f', 'lavfi', '-i', `testsrc2=size=1920x1080:rate=30:duration=${LOOP_SECONDS},noise=alls=8:allf=t`],
  ...[
    '-f',
    'lavfi',
    '-i',
    `aevalsrc='0.3*sin(2*PI*(220+40*t)*t)':duration=${LOOP_SECONDS}:sample_rate=48000`,
  ],
];
const encoding = ['-c:v', 'libx264', '-preset', 'superfast', '-b:v', '4500k', '-maxrate', '6000k'];

/**
 * A 1080p film of 30 frames a second, about 4.6 Mb/s, of this many minutes, made once and kept in
 * `folder`. Returns its path.
 */
export async function film(folder: string, minutes: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const minute = path.join(folder, 'film-1.mp4');
  if (!existsSync(minute)) {
    await make(minute, [
      ...[...source, ...encoding, '-bufsize', '6000k', '-g', '90', '-pix_fmt', 'yuv420p'],
      ...['-c:a', 'aac', '-b:a', '128k'],
    ]);
  }
  const whole = path.join(folder, `film-${minutes}.mp4`);
  if (!existsSync(whole)) {
    await make(whole, ['-stream_loop', String(minutes - 1), '-i', minute, '-c', 'copy']);
  }
  return whole;
}

async function make(target: string, options: string[]): Promise<void> {
  const partial = `${target}.part.mp4`;
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...options, '-movflags', '+faststart', partial]);
  await rename(partial, target);
}
