import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ChildOutput } from './child-output.js';
import { openLogFile } from './log-file.js';
import { readable, warningOf } from './log-lines.js';

const KEPT_LINES = 8;
/** The same warning again within this time is in the log file only. */
const QUIET_MS = 10_000;

/** A service's log as readable lines in a file; its warnings and errors go to `warn` too, one line each. */
export function serviceOutput(options: { file: string; warn: (line: string) => void }): ChildOutput {
  const log = openLogFile(options.file);
  const last: string[] = [];
  const warnedAt = new Map<string, number>();

  function take(line: string): void {
    const text = readable(line);
    log.write(text);
    last.push(text.trimEnd());
    if (last.length > KEPT_LINES) last.shift();
    const warning = warningOf(line);
    if (warning) warnOnce(warning);
  }

  function warnOnce(warning: string): void {
    const now = Date.now();
    for (const [text, at] of warnedAt) if (now - at > QUIET_MS) warnedAt.delete(text);
    if (!warnedAt.has(warning)) options.warn(warning);
    warnedAt.set(warning, now);
  }

  const follow = (stream: Readable | null) => {
    if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', take);
  };
  return {
    stdio: () => ['ignore', 'pipe', 'pipe'],
    attach(child: ChildProcess) {
      follow(child.stdout);
      follow(child.stderr);
    },
    lastLines: () => last.join('\n'),
  };
}
