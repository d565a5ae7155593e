import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processIdentity } from './process-identity.js';
import { retryUntil } from './retry-until.js';

const noteSchema = z.object({
  owner: z.string(),
  pid: z.number(),
  /** Stops what the owner had started, should the owner be killed. */
  watchdog: z.object({ pid: z.number(), identity: z.string() }).optional(),
  env: z.record(z.string(), z.string()).optional(),
  urls: z.array(z.string()).optional(),
});

/** What the process that uses a data folder says of itself. */
export type LockNote = z.infer<typeof noteSchema>;

export interface DataLock {
  /** Adds to what others can read about us. */
  note(details: { watchdogPid?: number; env?: Record<string, string>; urls?: string[] }): void;
  release(): void;
}

/** Another process uses the data folder. */
export class DataDirInUse extends Error {
  constructor(readonly holder: LockNote) {
    super(`already running (pid ${holder.pid})`);
  }
}

/** How long the servers of a killed run may take to end. */
const LEFTOVERS_MS = 20_000;

/**
 * Makes the data folder ours. The lock of a process that is gone does not count; then this waits until
 * its servers are gone too.
 * @throws DataDirInUse
 */
export async function lockDataDir(dataDir: string): Promise<DataLock> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'lock.json');
  let note: LockNote = { owner: processIdentity(process.pid) ?? '', pid: process.pid };
  while (!createWith(file, note)) {
    const holder = readNote(file);
    if (holder && processIdentity(holder.pid) === holder.owner) throw new DataDirInUse(holder);
    await leftoversGone(holder);
    rmSync(file, { force: true });
  }
  return {
    note({ watchdogPid, ...details }) {
      const watchdog = watchdogPid && { pid: watchdogPid, identity: processIdentity(watchdogPid) ?? '' };
      note = { ...note, ...details, ...(watchdog && { watchdog }) };
      writeFileSync(file, JSON.stringify(note), { mode: 0o600 });
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** Appears with its content in one step, or not at all. */
function createWith(file: string, note: LockNote): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(note), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Undefined where it is gone by now, or cannot be understood: then nobody holds it. */
function readNote(file: string): LockNote | undefined {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function leftoversGone(holder: LockNote | undefined): Promise<void> {
  const watchdog = holder?.watchdog;
  if (!watchdog) return;
  const check = () =>
    processIdentity(watchdog.pid) === watchdog.identity
      ? Promise.reject(new Error('the servers of a run before have not ended'))
      : Promise.resolve();
  await retryUntil(check, { signal: AbortSignal.timeout(LEFTOVERS_MS), everyMs: 50 });
}
