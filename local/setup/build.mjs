import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.mjs';
import { inRoot } from './paths.mjs';
import { SetupError } from './run-steps.mjs';

const stamp = inRoot('dist/.built');
const folders = ['schema', 'platform', 'gateway', 'processor', 'streamer', 'local', 'cli'];
const files = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

/** Compiles to `dist` where a source is newer than the last build. */
export const build = {
  title: 'build',
  isDone: () => existsSync(stamp) && newestMs() <= statSync(stamp).mtimeMs,
  async run() {
    const startedAt = new Date();
    const tsc = inRoot('node_modules/typescript-native/bin/tsc');
    await exec(process.execPath, [tsc, '-p', 'tsconfig.build.json']).catch((error) => {
      throw new SetupError(`${error.message}\nThe sources do not compile. To see all of it: npm run build`);
    });
    // Dated before the compiler read the sources: what changed meanwhile is built next time.
    writeFileSync(stamp, `${startedAt.toISOString()}\n`);
    await import('node:fs/promises').then(({ utimes }) => utimes(stamp, startedAt, startedAt));
  },
};

function newestMs() {
  const sources = folders.flatMap((folder) => tsFiles(inRoot(folder)));
  const dates = [...sources, ...files.map((file) => inRoot(file))].map((file) => statSync(file).mtimeMs);
  return Math.max(...dates);
}

function tsFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return tsFiles(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}
