import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { residentBytes } from '../processor/transcode/memory-watch.js';

const BLOCK_BYTES = 512;

/** What a process takes: its resident memory, and its files in memory, which are in no figure of the process itself. */
export const memoryBytes = (pid: number): number => (residentBytes(pid) ?? 0) + memoryFileBytes(pid);

function memoryFileBytes(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).reduce((sum, fd) => sum + bytesOf(`${folder}/${fd}`), 0);
}

/** 0 for whatever is no file in memory, or is closed by now. */
function bytesOf(link: string): number {
  try {
    return readlinkSync(link).startsWith('/memfd:stream-plus') ? statSync(link).blocks * BLOCK_BYTES : 0;
  } catch {
    return 0;
  }
}
