import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { rotateLog } from './child-output.js';

const MAX_BYTES = 16 * 1024 * 1024;

/** A log of bounded size: two files of at most 16 MiB, the older one as `<file>.1`. */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

export function openLogFile(file: string, maxBytes = MAX_BYTES): LogFile {
  mkdirSync(dirname(file), { recursive: true });
  rotateLog(file);
  let descriptor = openSync(file, 'a', 0o600);
  let size = statSync(file).size;
  return {
    write(line) {
      if (size > maxBytes) {
        closeSync(descriptor);
        rotateLog(file);
        descriptor = openSync(file, 'a', 0o600);
        size = 0;
      }
      size += writeSync(descriptor, line.endsWith('\n') ? line : `${line}\n`);
    },
    close: () => closeSync(descriptor),
  };
}
