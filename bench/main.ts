/**
 * `npm run bench [-- name …]`: the benchmarks, on a stack of their own. Ratios are of figures from one
 * run; absolute times need a machine that does nothing else. Exits 1 when a figure is not good enough.
 */
import 'reflect-metadata';
import path from 'node:path';
import { startStack } from '../local/stack.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { measureFullQueue } from './full-queue.js';
import { measureIdleDispatch } from './idle-dispatch.js';
import { measurePlayable } from './playable.js';
import { printFigures, type Figure } from './report.js';
import { measureServing } from './serve.js';
import { measureStopping } from './stopping.js';
import { measureTranscoding } from './transcode.js';
import { measureSpreading } from './two-processors.js';
import { measureUploads } from './uploads.js';
import type { Servers } from './with-queue.js';

const films = path.resolve(process.env['DATA_DIR'] ?? '.data', 'bench');

async function onOwnStack(measure: (servers: Servers) => Promise<Figure[]>): Promise<Figure[]> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'stream-plus-bench-'));
  const stack = await startStack({ dataDir });
  try {
    const { MONGO_URL: mongoUrl = '', KAFKA_BROKERS: brokers = '' } = stack.env;
    return await measure({ mongoUrl, brokers: brokers.split(',') });
  } finally {
    await stack.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const benchmarks: Record<string, { title: string; measure: () => Promise<Figure[]> }> = {
  dispatch: { title: 'Dispatch', measure: () => onOwnStack(measureIdleDispatch) },
  queue: { title: 'A full queue', measure: () => onOwnStack(measureFullQueue) },
  stop: { title: 'Stop', measure: () => measureStopping(films) },
  upload: { title: 'Each way in against storage itself', measure: () => measureUploads(films) },
  serve: { title: 'Serving, against nginx', measure: measureServing },
  playable: { title: 'Time to playable, and a large upload', measure: () => measurePlayable(films) },
  spreading: { title: 'One film on two processors', measure: () => measureSpreading(films) },
  transcode: { title: 'Chunks against one FFmpeg', measure: () => measureTranscoding(films) },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benchmarks);
let allGood = true;
for (const name of wanted) {
  const benchmark = benchmarks[name];
  if (!benchmark) {
    console.error(`There is no benchmark ${name}: ${Object.keys(benchmarks).join(', ')}.`);
    process.exit(2);
  }
  allGood = printFigures(benchmark.title, await benchmark.measure()) && allGood;
}
process.exitCode = allGood ? 0 : 1;
