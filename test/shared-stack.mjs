/** One Kafka, MongoDB and Azurite for all tests of a run, in a temporary folder, on free ports; and our programs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms } from './build-programs.mjs';

const execArgv = ['--disable-warning=TimeoutNegativeWarning'];

let dataDir;
let build;
let stack;

/** Starts what the environment does not name, and names it there for the tests. */
export async function startSharedStack() {
  dataDir = mkdtempSync(join(tmpdir(), 'stream-plus-test-'));
  build = await buildPrograms();
  // Many processes load the same packages.
  process.env.NODE_COMPILE_CACHE = join(build, 'compile-cache');
  process.env.TEST_BUILD = build;
  const env = { ...process.env, DATA_DIR: dataDir, NODE_OPTIONS: '' };
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  stack = fork(join(build, 'local/run-stack.js'), ['--any-ports'], { execArgv, env, stdio });
  const ended = once(stack, 'exit').then(([code]) => {
    throw new Error(`The servers for the tests did not start (exit ${code}).`);
  });
  ended.catch(() => undefined);
  const [message] = await Promise.race([once(stack, 'message'), ended]);
  // Databases that tests are done with, for the next ones: on a server of ours alone.
  const pool = process.env.MONGO_URL ? {} : { TEST_DATABASES: join(dataDir, 'databases') };
  Object.assign(process.env, message.env, pool, { KAFKAJS_NO_PARTITIONER_WARNING: '1' });
}

export async function stopSharedStack() {
  if (stack?.connected) {
    const ended = once(stack, 'exit');
    stack.disconnect();
    await ended;
  }
  for (const folder of [dataDir, build])
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
