import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { inRoot } from './paths.mjs';

// kafkajs sets a timer in the past now and then; Node takes it as due, and says so.
const quiet = '--disable-warning=TimeoutNegativeWarning';
const script = (file) => [quiet, inRoot(file)];
const flags = readFileSync(inRoot('deploy/streamer.flags'), 'utf8').trim().split(' ');
const env = parseEnv(readFileSync(inRoot('deploy/streamer.env'), 'utf8'));
const swc = ['--import', '@swc-node/register/esm-register'];

/**
 * What `--then <name>` runs: arguments of Node, what is in its environment, and what has to be there first.
 * `servers`: starts the embedded servers; `joins`: uses those that run already; `media`: FFmpeg; `fuzz`: Schemathesis;
 * `proxy`: nginx; `load`: wrk; `players`: those of the desktop.
 */
export const targets = {
  start: { args: script('dist/local/start.js'), build: true, servers: true, media: true },
  stack: { args: [...swc, ...script('local/run-stack.ts')], servers: true },
  gateway: { args: script('dist/gateway/main.js'), build: true, joins: true },
  processor: { args: script('dist/processor/main.js'), build: true, joins: true, media: true },
  streamer: { args: [...flags, ...script('dist/streamer/main.js')], env, build: true, joins: true },
  upload: { args: script('dist/cli/upload.js'), build: true },
  test: {
    ...{ args: script('local/test.mjs'), servers: true, media: true, browser: true, fuzz: true },
    proxy: true,
  },
  faults: { args: script('local/faults.mjs'), servers: true, media: true },
  players: { args: script('local/players.mjs'), media: true, players: true },
  bench: {
    ...{ args: [...swc, ...script('bench/main.ts')], build: true, servers: true, media: true },
    ...{ proxy: true, load: true },
  },
  dev: { args: [...swc, ...script('local/start.ts'), '--watch'], servers: true, media: true },
};
