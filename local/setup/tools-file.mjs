import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { toolsDir, toolsFile } from './paths.mjs';

/** What set-up found so far; empty before the first run. */
export function readTools() {
  try {
    return JSON.parse(readFileSync(toolsFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Remembers findings, beside those already there. */
export function rememberTools(findings) {
  mkdirSync(toolsDir, { recursive: true });
  const draft = `${toolsFile}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ ...readTools(), ...findings }, null, 2)}\n`);
  renameSync(draft, toolsFile);
}
