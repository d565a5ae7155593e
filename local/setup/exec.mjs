import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './paths.mjs';

/** The path of a program on the PATH, or undefined. */
export function which(program, path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end, at the priority of `os.setPriority` if one is given; resolves with all it wrote.
 * @throws Error with the last lines it wrote (all of it as `output`), where it cannot be started, fails, or takes too long.
 */
export function exec(program, args, options = {}) {
  const { cwd = root, env = process.env, timeoutMs = 15 * 60_000, priority } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    if (priority !== undefined && child.pid) os.setPriority(child.pid, priority);
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-200_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const tail = output.trim().split('\n').slice(-8).join('\n');
      const error = new Error(`${program} ${args.join(' ')}: ${signal ?? `exit ${code}`}\n${tail}`);
      reject(Object.assign(error, { output }));
    });
  });
}
