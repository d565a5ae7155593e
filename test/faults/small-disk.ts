import { execFile } from 'node:child_process';
import { chmod, mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '../support/platform-service.js';

/** A disk for temporary files that can be full. */
export interface SmallDisk {
  /** For the processors that work on it. */
  settings: Settings;
  /** Leaves no room; to be repeated, since whoever uses the disk makes room too. */
  fill(): Promise<void>;
  /** Makes room again. */
  free(): Promise<void>;
  close(): Promise<void>;
}

const run = promisify(execFile);

/** A disk of its own where this user may mount one; elsewhere an FFmpeg that may write no file to its end. */
export async function openSmallDisk(dir: string): Promise<SmallDisk> {
  const mountPoint = path.join(dir, 'small-disk');
  await mkdir(mountPoint);
  const options = ['-t', 'tmpfs', '-o', 'size=16m,mode=0777', 'tmpfs', mountPoint];
  const isMounted = await run('mount', options).then(
    () => true,
    () => false,
  );
  return isMounted ? mountedDisk(mountPoint) : limitedFiles(dir);
}

function mountedDisk(mountPoint: string): SmallDisk {
  const filler = path.join(mountPoint, 'filler');
  return {
    settings: { DATA_DIR: mountPoint },
    async fill() {
      const file = await open(filler, 'a');
      try {
        for (;;) await file.write(Buffer.alloc(4096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    close: () => run('umount', ['--lazy', mountPoint]).then(() => undefined),
  };
}

/** Writes beyond the limit fail with EFBIG where SIGXFSZ is ignored (setrlimit(2)). */
export async function limitedFiles(dir: string): Promise<SmallDisk> {
  const program = path.join(dir, 'limited-ffmpeg');
  const isFull = path.join(dir, 'is-full');
  const limit = `[ -e '${isFull}' ] && { trap '' XFSZ; ulimit -f 1; }`;
  await writeFile(program, ['#!/bin/sh', limit, 'exec ffmpeg "$@"', ''].join('\n'));
  await chmod(program, 0o755);
  return {
    settings: { FFMPEG_PATH: program },
    fill: () => writeFile(isFull, ''),
    free: () => rm(isFull, { force: true }),
    close: () => Promise.resolve(),
  };
}
