import { spawn } from 'node:child_process';
import { inRoot } from './setup/paths.mjs';

/** Runs jest with these arguments, as it needs to be run here; a signal ends it. Resolves with its exit code. */
export function runJest(args, { stdio, env = {} }) {
  const quiet = ['ExperimentalWarning', 'TimeoutNegativeWarning'].map((name) => `--disable-warning=${name}`);
  const nodeArgs = ['--experimental-vm-modules', ...quiet, inRoot('node_modules/jest/bin/jest.js')];
  const child = spawn(process.execPath, [...nodeArgs, ...args], {
    cwd: inRoot(),
    stdio,
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
