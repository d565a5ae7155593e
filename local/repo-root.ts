import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, from the sources as well as from `dist`. */
export function repoRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('This is not inside the repository: no package.json above it.');
    folder = parent;
  }
  return folder;
}

/** Where this machine keeps its videos, databases and logs. */
export function dataDirOf(env: NodeJS.ProcessEnv): string {
  return resolve(repoRoot(), env.DATA_DIR || '.data');
}
