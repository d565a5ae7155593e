/** One Kafka, MongoDB and Azurite for all tests of a run, in a temporary folder, on free ports. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../local/run-stack.ts', import.meta.url));
const execArgv = ['--disable-warning=TimeoutNegativeWarning', '--import', '@swc-node/register/esm-register'];

let dataDir;
let stack;

/** Starts what the environment does not name, and names it there for the tests. */
export async function startSharedStack() {
  dataDir = mkdtempSync(join(tmpdir(), 'stream-plus-test-'));
  const env = { ...process.env, DATA_DIR: dataDir, NODE_OPTIONS: '' };
  const stdio = ['ignore', 'ignore', 'inherit', 'ipc'];
  stack = fork(program, ['--any-ports'], { execArgv, env, stdio });
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
  if (dataDir) rmSync(dataDir, { recursive: true, force: true });
}
