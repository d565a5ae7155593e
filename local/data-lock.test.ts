import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { DataDirInUse, lockDataDir } from './data-lock.js';
import { processIdentity } from './process-identity.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

const newDir = () => join(temporaryFolder(), 'data');

/** A process that lives until it is killed. */
async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

describe('lockDataDir', () => {
  it('lets one in, and the next one when the first has left', async () => {
    const dataDir = newDir();
    const lock = await lockDataDir(dataDir);
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUse);
    lock.release();
    (await lockDataDir(dataDir)).release();
  });

  it('tells the second one where the first is', async () => {
    const dataDir = newDir();
    const lock = await lockDataDir(dataDir);
    lock.note({ urls: ['http://127.0.0.1:4000'] });
    lock.note({ env: { MONGO_URL: 'mongodb://x' } });
    const refused = await lockDataDir(dataDir).catch((error: unknown) => error);
    expect((refused as DataDirInUse).holder).toMatchObject({
      pid: process.pid,
      urls: ['http://127.0.0.1:4000'],
      env: { MONGO_URL: 'mongodb://x' },
    });
    lock.release();
  });

  it('is for its owner alone', async () => {
    const dataDir = newDir();
    const lock = await lockDataDir(dataDir);
    expect(statSync(join(dataDir, 'lock.json')).mode & 0o777).toBe(0o600);
    lock.release();
  });

  it('does not count the lock of a process that is gone, nor of one that has its number now', async () => {
    const dataDir = newDir();
    (await lockDataDir(dataDir)).release();
    for (const owner of [`${process.pid}@1`, '']) {
      writeFileSync(join(dataDir, 'lock.json'), JSON.stringify({ owner, pid: process.pid }));
      (await lockDataDir(dataDir)).release();
    }
  });

  it('does not count a lock that was never written to its end', async () => {
    const dataDir = newDir();
    (await lockDataDir(dataDir)).release();
    writeFileSync(join(dataDir, 'lock.json'), '{"owner":');
    (await lockDataDir(dataDir)).release();
  });

  it('waits for what a killed run has left', async () => {
    const dataDir = newDir();
    (await lockDataDir(dataDir)).release();
    const leftover = await sleeper();
    const watchdog = { pid: leftover.pid, identity: processIdentity(leftover.pid) };
    writeFileSync(join(dataDir, 'lock.json'), JSON.stringify({ owner: 'gone', pid: 2 ** 22 + 1, watchdog }));
    const order: string[] = [];
    const locked = lockDataDir(dataDir).then((lock) => {
      order.push('locked');
      lock.release();
    });
    // Who does not wait has it by then.
    await nextTurn();
    order.push('killed');
    leftover.kill('SIGKILL');
    await locked;
    expect(order).toEqual(['killed', 'locked']);
    expect(() => readFileSync(join(dataDir, 'lock.json'))).toThrow('ENOENT');
  });
});
