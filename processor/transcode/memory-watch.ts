import { readFileSync } from 'node:fs';
import { AppError } from '../../schema/errors.js';

/** Resident memory of a process, bytes (proc(5)); undefined where the system does not tell, or it is gone. */
export function residentBytes(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return undefined;
  }
}

/**
 * MEDIA_TOO_LARGE once a process has more memory than it may; undefined until then. What a picture of
 * the size that was accepted needs is known, so it is the file that is unusual.
 */
export function checkMemory(pid: number, maxBytes: number): AppError | undefined {
  const bytes = residentBytes(pid);
  if (bytes === undefined || bytes <= maxBytes) return undefined;
  const cause = new Error(`the process had ${bytes} bytes in memory, more than ${maxBytes}`);
  return new AppError(
    'MEDIA_TOO_LARGE',
    { message: 'The film needs more memory than this server gives it.' },
    { cause },
  );
}
