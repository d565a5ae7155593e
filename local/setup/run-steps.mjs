import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolsDir } from './paths.mjs';

/** A step could not be done; the message says what to type. */
export class SetupError extends Error {}

const lockFile = join(toolsDir, 'setup.lock');
const LOCK_WAIT_MS = 15 * 60_000;

/**
 * @typedef Step
 * @property {string} title
 * @property {() => boolean} isDone
 * @property {() => Promise<void>} run
 * @property {Step[]} [after] what it needs: other steps
 */

/**
 * Does what is not done yet: steps side by side, each as soon as what it needs is done, one line with its time for
 * each. Where all are done nothing is printed.
 * @param {Step[]} steps
 * @throws the error of the first step of these that failed, once none is under way any more
 */
export async function runSteps(steps) {
  if (steps.every((step) => step.isDone())) return;
  await takeLock();
  const begun = new Map();
  const begin = (step) => {
    if (!begun.has(step)) begun.set(step, runAfter((step.after ?? []).map(begin), step));
    return begun.get(step);
  };
  try {
    const ends = await Promise.allSettled(steps.map(begin));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    rmSync(lockFile, { force: true });
  }
}

async function runAfter(needed, step) {
  await Promise.all(needed);
  await runStep(step);
}

async function runStep(step) {
  if (step.isDone()) return;
  const startedAt = performance.now();
  const print = (mark) =>
    console.error(
      `${mark} ${step.title.padEnd(44)} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    );
  try {
    await step.run();
    print('✓');
  } catch (error) {
    print('✗');
    throw error;
  }
}

/** Two set-ups in one repository would install over each other: the second one waits. */
async function takeLock() {
  mkdirSync(toolsDir, { recursive: true });
  const deadline = Date.now() + LOCK_WAIT_MS;
  while (!tryLock()) {
    if (Date.now() > deadline)
      throw new SetupError(`Another set-up holds ${lockFile}: wait for it, or remove the file.`);
    await sleep(300);
  }
}

function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isHeld()) rmSync(lockFile, { force: true });
    return false;
  }
}

function isHeld() {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'));
    // Being written right now: held.
    if (!pid) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
