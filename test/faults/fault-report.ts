import { appendFile } from 'node:fs/promises';
import type { Tally } from './tally.js';

/** What one fault has cost. */
export interface FaultReport extends Tally {
  fault: string;
  orphanedBlobs: number;
  orphanedProcesses: number;
  seconds: number;
}

/** Adds a line to the file that `npm run test:faults` makes its table of; elsewhere it is not wanted. */
export async function addToTable(report: FaultReport): Promise<void> {
  const file = process.env.STREAM_PLUS_FAULTS_TABLE;
  if (file) await appendFile(file, `${JSON.stringify(report)}\n`);
}

/** What every fault must leave as it is. */
export const nothingWrong = { lost: 0, duplicates: 0, orphanedBlobs: 0, orphanedProcesses: 0 };
