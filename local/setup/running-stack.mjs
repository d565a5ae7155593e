import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './paths.mjs';

/** Settings of the servers that `npm run stack` or `npm start` runs on this machine; empty without one. */
export function runningStackEnv() {
  const file = resolve(root, process.env.DATA_DIR || '.data', 'lock.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')).env ?? {};
  } catch {
    return {};
  }
}
