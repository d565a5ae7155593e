import { transformFile } from '@swc/core';
import { glob, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repoRoot } from '../../local/repo-root.js';
import type { ProgramArgs } from '../../local/services.js';

const SOURCES = '{schema,platform,gateway,processor,streamer}/**/*.ts';

/**
 * Compiles the services into `folder`, which has to lie inside the repository, where their packages are
 * found. Takes a tenth of a second; a process then starts in half the time that it needs from source.
 */
export async function buildServices(folder: string): Promise<ProgramArgs> {
  const cwd = repoRoot();
  const files: string[] = [];
  for await (const file of glob(SOURCES, { cwd })) if (!file.endsWith('.test.ts')) files.push(file);
  await Promise.all(
    files.map(async (file) => {
      const { code } = await transformFile(path.join(cwd, file), { cwd, sourceMaps: false });
      const target = path.join(folder, file.replace(/\.ts$/, '.js'));
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, code);
    }),
  );
  return (program) => ['--disable-warning=TimeoutNegativeWarning', path.join(folder, `${program}.js`)];
}
