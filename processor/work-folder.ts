import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** The folder for this process's temporary files, `<dataDir>/tmp/processor-<pid>`. */
export const workFolderOf = (dataDir: string): string =>
  path.resolve(dataDir, 'tmp', `processor-${process.pid}`);

/**
 * Makes a process's folder, unless `stopping` is aborted by then. What processes that no longer run have
 * left beside it is removed.
 */
export async function openWorkFolder(own: string, stopping: AbortSignal): Promise<void> {
  const parent = path.dirname(own);
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = Number(/^processor-(\d+)$/.exec(name)?.[1]);
    if (!pid || (pid !== process.pid && isRunning(pid))) continue;
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
  stopping.throwIfAborted();
  await mkdir(own);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
