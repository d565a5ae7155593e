import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folder for this process's temporary files, `<dataDir>/tmp/processor-<pid>`. What processes that no
 * longer run have left beside it is removed.
 */
export async function openWorkFolder(dataDir: string): Promise<string> {
  const parent = path.resolve(dataDir, 'tmp');
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = Number(/^processor-(\d+)$/.exec(name)?.[1]);
    if (!pid || (pid !== process.pid && isRunning(pid))) continue;
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const own = path.join(parent, `processor-${process.pid}`);
  await mkdir(own);
  return own;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
