import { existsSync, statSync } from 'node:fs';
import { exec, which } from './exec.mjs';
import { inRoot } from './paths.mjs';
import { SetupError } from './run-steps.mjs';

/** The platform's packages. */
export const installPackages = npmCi('npm packages', inRoot());

/** Azurite, in a folder of its own because its dependencies conflict with the platform's. */
export const installAzurite = npmCi('Azurite (blob storage)', inRoot('local/azurite'));

function npmCi(title, folder) {
  const lock = `${folder}/package-lock.json`;
  // npm writes this one last, so it also tells an interrupted install.
  const stamp = `${folder}/node_modules/.package-lock.json`;
  return {
    title,
    isDone: () => existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs,
    async run() {
      if (!which('npm')) throw new SetupError('npm is missing: install Node.js from https://nodejs.org');
      await exec('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder }).catch((error) => {
        throw new SetupError(`${error.message}\nTo see all of it: cd ${folder} && npm ci`);
      });
    },
  };
}
