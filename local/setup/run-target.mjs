import { execFileSync, spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { isExecutable, which } from './exec.mjs';
import { inRoot, root } from './paths.mjs';
import { SetupError } from './run-steps.mjs';

const NODE_MAJOR = 24;

/** Runs Node 24 with these arguments in our place: same terminal, same signals, same exit code. */
export function runTarget(args, env) {
  const node = findNode();
  const path = `${inRoot('node_modules/.bin')}${delimiter}${process.env.PATH}`;
  // The channel tells the target that set-up was killed, even where no handler could run.
  const child = spawn(node, args, {
    cwd: root,
    env: { KAFKAJS_NO_PARTITIONER_WARNING: '1', ...env, PATH: path },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // A terminal sends Ctrl-C to the whole group; only what was sent to us alone is passed on.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  followParent(() => child.kill('SIGTERM'));
  child.once('error', (error) => {
    console.error(`Could not start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

/** npm cannot tell us that it was killed; then we have another parent. */
function followParent(orphaned) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    orphaned();
  }, 1_000);
  timer.unref();
}

function findNode() {
  if (process.versions.node.startsWith(`${NODE_MAJOR}.`)) return process.execPath;
  const candidates = [inRoot('node_modules/.bin/node'), which('node')];
  const node = candidates.find((file) => file && isExecutable(file) && majorOf(file) === NODE_MAJOR);
  if (node) return node;
  throw new SetupError(
    `Node ${NODE_MAJOR} is missing. Type: rm -rf node_modules && npm ci --ignore-scripts=false`,
  );
}

function majorOf(node) {
  return Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }));
}
