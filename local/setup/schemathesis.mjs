import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec, which } from './exec.mjs';
import { inRoot, toolsDir } from './paths.mjs';
import { canInstall, output } from './system-packages.mjs';

const requirements = inRoot('local/schemathesis/requirements.txt');
const folder = join(toolsDir, 'schemathesis');
/** Written last: an interrupted installation has none. */
const stamp = join(folder, 'requirements.txt');

const hasVenv = () =>
  output('python3', ['-c', 'import sys, venv, ensurepip; print(sys.version_info >= (3, 11))']).startsWith(
    'True',
  );

export const python = {
  packages: ['python3-venv'],
  brew: ['python@3'],
  need: 'Python 3.11 or newer with venv',
  isThere: () => Boolean(which('python3')) && hasVenv(),
};

/** Asked for where it can be had: without it one test fails and says so, and the others run. */
export const wantsPython = () => !isInstalled() && !python.isThere() && canInstall();

const isInstalled = () =>
  existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8');

/** The program that tests the REST interface by its document, from PyPI, in an environment of its own. */
export const schemathesis = {
  title: 'Schemathesis',
  isDone: isInstalled,
  async run() {
    rmSync(folder, { recursive: true, force: true });
    try {
      await exec('python3', ['-m', 'venv', folder]);
      const args = [
        '-m',
        'pip',
        'install',
        '-q',
        '--disable-pip-version-check',
        '--no-deps',
        // What a run imports is compiled then: a part of it.
        '--no-compile',
        '-r',
        requirements,
      ];
      await exec(join(folder, 'bin/python'), args);
      copyFileSync(requirements, stamp);
    } catch (error) {
      console.error(`Schemathesis is not installed, so its test will fail: ${error.message}`);
    }
  },
};
