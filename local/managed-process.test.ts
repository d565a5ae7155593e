import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileOutput } from './child-output.js';
import { createManagedProcess, type ManagedProcess } from './managed-process.js';
import { processIdentity } from './process-identity.js';
import { startWatchdog, type Watchdog } from './watchdog.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

let watchdog: Watchdog;
beforeAll(() => {
  watchdog = startWatchdog();
});
afterAll(() => watchdog.close());

function nodeProcess(
  script: string,
  ready: () => Promise<unknown> = () => Promise.resolve(),
): ManagedProcess {
  return createManagedProcess({
    name: 'child',
    launch: () => ({ command: process.execPath, args: ['-e', script] }),
    ready,
    output: fileOutput(join(temporaryFolder(), 'child.log')),
    watchdog,
    stopWithinMs: 200,
  });
}

const forever = 'setInterval(() => {}, 1000)';
const runs = (pid: number | undefined) => pid !== undefined && processIdentity(pid) !== undefined;

describe('createManagedProcess', () => {
  it('starts, stops, and starts again', async () => {
    const child = nodeProcess(forever);
    await child.start();
    const first = child.pid;
    expect(runs(first)).toBe(true);
    await child.stop();
    expect(runs(first)).toBe(false);
    expect(child.pid).toBeUndefined();
    await child.start();
    expect(child.pid).not.toBe(first);
    await child.kill();
    expect(child.pid).toBeUndefined();
  });

  it('kills what does not stop when asked', async () => {
    const child = nodeProcess(`process.on('SIGTERM', () => {}); ${forever}`);
    await child.start();
    const { pid } = child;
    await child.stop();
    expect(runs(pid)).toBe(false);
  });

  it('says what a process wrote that does not start', async () => {
    const child = nodeProcess('console.error("no such database"); process.exit(3)', () =>
      Promise.reject(new Error()),
    );
    await expect(child.start()).rejects.toThrow(/ended at once \(exit 3\):\nno such database/);
  });

  it('says that a program is missing', async () => {
    const child = createManagedProcess({
      name: 'child',
      launch: () => ({ command: '/nowhere/program', args: [] }),
      ready: () => Promise.reject(new Error()),
      output: fileOutput(join(temporaryFolder(), 'child.log')),
      watchdog,
    });
    await expect(child.start()).rejects.toThrow('ENOENT');
  });

  it('tells of a crash, not of a wanted end', async () => {
    const child = nodeProcess(forever);
    const crashes: string[] = [];
    const crashed = new Promise<void>((resolve) => {
      child.onCrash((how) => {
        crashes.push(how);
        resolve();
      });
    });
    await child.start();
    await child.stop();
    await child.start();
    process.kill(child.pid ?? 0, 'SIGKILL');
    await crashed;
    expect(crashes).toEqual(['SIGKILL']);
  });
});
