import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where a child process writes. */
export interface ChildOutput {
  /** Called once a start; what it opened is closed by `attach`. */
  stdio(): StdioOptions;
  attach(child: ChildProcess): void;
  /** The last lines it wrote, for the message of a failed start. */
  lastLines(): string;
}

/** Keeps the log of the run before as `<file>.1`, and nothing older. */
export function rotateLog(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file)) renameSync(file, `${file}.1`);
}

/** Straight into a file, which goes on to work while the child outlives us. */
export function fileOutput(file: string): ChildOutput {
  rotateLog(file);
  let descriptor = -1;
  return {
    stdio() {
      descriptor = openSync(file, 'a', 0o600);
      return ['ignore', descriptor, descriptor];
    },
    attach: () => closeSync(descriptor),
    lastLines: () => readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n'),
  };
}
