import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findLeash, onLeash } from './leash.js';

const signal = new AbortController().signal;
const leash = await findLeash(signal);
const onLinux = leash.length > 0 ? it : it.skip;

/** Resolves when no process has this id any more. */
async function gone(pid: number): Promise<void> {
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (alive()) await new Promise(setImmediate);
}

describe('a leash', () => {
  it('goes before the program and its arguments', () => {
    const behind = { program: 'setpriv', argv: ['--', 'ffmpeg', '-i', 'x'] };
    expect(onLeash(['setpriv', '--'], 'ffmpeg', ['-i', 'x'])).toEqual(behind);
    expect(onLeash([], 'ffmpeg', ['-i', 'x'])).toEqual({ program: 'ffmpeg', argv: ['-i', 'x'] });
  });

  onLinux(
    'lets no program outlive the process that started it, however that ends',
    async () => {
      const { program, argv } = onLeash(leash, 'sleep', ['60']);
      const script = `
      const child = require('node:child_process').spawn(${JSON.stringify(program)},
        ${JSON.stringify(argv)}, { detached: true, stdio: 'ignore' });
      child.once('spawn', () => console.log(child.pid));
      setInterval(() => undefined, 1000);`;
      const owner = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
      // The program has to have asked for its own death first: then its command line is its own.
      const { readFile } = await import('node:fs/promises');
      while (!(await readFile(`/proc/${line}/cmdline`, 'utf8')).startsWith('sleep'))
        await new Promise(setImmediate);
      owner.kill('SIGKILL');
      await gone(Number(line));
    },
    10_000,
  );
});
