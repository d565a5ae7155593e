/**
 * `npm run stack`: Kafka, MongoDB and Azurite on fixed ports, until Ctrl-C. Prints the settings that
 * programs need to use them, as `export NAME='value'`, on standard output.
 * As a child with a channel (the tests' way) it sends them as a message, takes any free ports, and ends
 * with its parent.
 */
import { DataDirInUse, lockDataDir } from './data-lock.js';
import { dataDirOf } from './repo-root.js';
import { startStack, type StackPorts } from './stack.js';

const fixedPorts: StackPorts = { kafka: 19_092, kafkaController: 19_093, mongod: 19_017, azurite: 19_000 };

function printExports(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}='${value}'`);
}

async function main(): Promise<void> {
  const dataDir = dataDirOf(process.env);
  const lock = await lockDataDir(dataDir);
  const stack = await startStack({
    dataDir,
    ports: fixedPorts,
    given: process.env,
    onReady: (server) => console.error(`✓ ${server}`),
  });
  lock.note({ watchdogPid: stack.watchdog.pid, env: stack.env });
  printExports(stack.env);
  console.error('Runs until Ctrl-C.');
  await stopRequested();
  await stack.stop();
  lock.release();
}

function stopRequested(): Promise<unknown> {
  const alive = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
    process.once('disconnect', resolve);
    // Listening on the channel must not keep us alive once we have stopped.
    process.channel?.unref();
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
