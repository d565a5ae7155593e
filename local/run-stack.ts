/**
 * `npm run stack`: Kafka, MongoDB and Azurite on fixed ports, until Ctrl-C. Prints the settings that
 * programs need to use them, as `export NAME='value'`, on standard output. `--any-ports` takes free ones.
 * A parent with a channel is sent `{ env, pids }`; this ends when the channel does.
 */
import { DataDirInUse, lockDataDir } from './data-lock.js';
import { dataDirOf } from './repo-root.js';
import { defaultStackPorts, startStack } from './stack.js';
import { listenForStop } from './stop-signal.js';
import { loadStreamKeys } from './stream-keys.js';

function printExports(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}='${value}'`);
}

async function main(): Promise<void> {
  const { stop } = listenForStop(() => process.exit(130));
  const dataDir = dataDirOf(process.env);
  const lock = await lockDataDir(dataDir);
  const stack = await startStack({
    dataDir,
    ports: process.argv.includes('--any-ports') ? {} : defaultStackPorts,
    given: process.env,
    onReady: (server) => console.error(`✓ ${server}`),
  });
  const env = { ...stack.env, STREAM_KEYS: process.env.STREAM_KEYS || loadStreamKeys(dataDir) };
  lock.note({ watchdogPid: stack.watchdog.pid, env });
  printExports(env);
  const servers = Object.values(stack.servers).map(({ pid }) => pid);
  process.send?.({ env: stack.env, pids: [stack.watchdog.pid, ...servers] });
  console.error('Runs until Ctrl-C.');
  await untilAborted(stop);
  await stack.stop();
  lock.release();
}

function untilAborted(signal: AbortSignal): Promise<unknown> {
  const alive = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve, { once: true });
  }).finally(() => clearInterval(alive));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof DataDirInUse)) throw error;
  console.error(`The stack is ${error.message} in ${dataDirOf(process.env)}.`);
  if (error.holder.env) printExports(error.holder.env);
  process.exitCode = error.holder.env ? 0 : 1;
}
